import { request } from 'node:http';
import { ConfigError, loadConfig } from '#src/config.ts';

// For HEALTHCHECK in an image without a shell: does the process beside this one answer? A refusal counts, since plain
// http from inside is refused in production; a failure and silence do not.
const check = (): void => {
  const { PORT, BASE_URL } = loadConfig(process.env);
  const options = { host: '127.0.0.1', port: PORT, path: '/healthz', headers: { host: new URL(BASE_URL).host }, timeout: 2000 };
  const asked = request(options, ({ statusCode = 500 }) => process.exit(statusCode < 500 ? 0 : 1));
  asked.on('error', () => process.exit(1));
  asked.on('timeout', () => process.exit(1));
  asked.end();
};

try {
  check();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
