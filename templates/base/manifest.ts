import type { Base } from '../../src/manifest.ts';

const base: Base = {
  types: {
    Binding: '#src/http/binding.ts',
    BootCheck: '#src/config.ts',
    RouteModule: '#src/protections/app-core/route.ts',
    ServiceSetup: '#src/services/setup.ts',
  },
  dependencies: [],
  devDependencies: ['typescript', '@types/node', 'oxlint', 'oxlint-tsgolint'],
  targetDependencies: { fastify: [], express: [] },
  env: {
    NODE_ENV: { type: 'choice', choices: ['development', 'test', 'production'], default: 'development', describe: 'production turns every safety check into a refusal to start' },
    HOST: { type: 'string', default: '127.0.0.1', describe: 'The address to listen on; 0.0.0.0 in a container' },
    PORT: { type: 'integer', default: 3000, min: 0, max: 65_535, describe: 'The port to listen on; 0 lets the system choose' },
    BASE_URL: { type: 'origin', default: 'http://127.0.0.1:3000', describe: 'The origin that users see; every absolute link starts with it' },
    LOG_LEVEL: { type: 'choice', choices: ['debug', 'info', 'warn', 'error', 'fatal', 'silent'], default: 'info', describe: 'The lowest level that is written' },
    BODY_LIMIT_BYTES: { type: 'integer', default: 65_536, min: 1_024, max: 104_857_600, describe: 'The largest JSON body, in bytes' },
    SHUTDOWN_GRACE_MS: { type: 'integer', default: 10_000, min: 100, max: 120_000, describe: 'How long running requests may take to finish after SIGTERM' },
  },
  scripts: {
    dev: 'node --watch --disable-proto=delete src/server.ts',
    start: 'node --disable-proto=delete src/server.ts',
    test: 'node --test --test-global-setup=tests/support/global-setup.ts "tests/**/*.test.ts"',
    typecheck: 'tsc --noEmit',
    lint: 'oxlint --type-aware --deny-warnings',
    doctor: 'node scripts/doctor.ts',
    'test:removal': 'node --disable-warning=ExperimentalWarning scripts/test-removal.ts',
    docs: 'node scripts/security-docs.ts',
  },
};

export default base;
