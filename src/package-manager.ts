export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

export const isPackageManager = (text: string): text is PackageManager => packageManagers.some((known) => known === text);

/** How a package manager is told things. */
export interface PackageManagerFacts {
  /** Arguments that install everything, development dependencies too, whatever NODE_ENV says. */
  readonly install: readonly string[];
  /** Whether it can install the package `node`, which brings a runtime. */
  readonly installsNode: boolean;
  /** The fields of package.json that let the named packages, and no others, run their install script. */
  readonly allowScripts: (names: readonly string[]) => Readonly<Record<string, unknown>>;
  /**
   * The files of its own settings: no install script but those of `allowed`, exact versions, nothing younger than a week.
   * npm's stands with the protection that checks it.
   */
  readonly settings: (allowed: readonly string[]) => Readonly<Record<string, string>>;
  readonly lockFile: string;
}

const weekInMinutes = 7 * 24 * 60;

/** pnpm 10 reads the list, pnpm 11 and later the map. */
const pnpmSettings = (allowed: readonly string[]): string =>
  [
    ...(allowed.length === 0 ? [] : ['allowBuilds:', ...allowed.map((name) => `  ${name}: true`), 'onlyBuiltDependencies:', ...allowed.map((name) => `  - ${name}`)]),
    'strictDepBuilds: true',
    'blockExoticSubdeps: true',
    `minimumReleaseAge: ${weekInMinutes}`,
    "savePrefix: ''",
    '',
  ].join('\n');

const yarnSettings = ['nodeLinker: node-modules', 'enableScripts: false', 'enableTelemetry: false', 'npmMinimalAgeGate: 7d', "defaultSemverRangePrefix: ''", ''].join('\n');

const bunSettings = ['[install]', 'exact = true', `minimumReleaseAge = ${weekInMinutes * 60}`, ''].join('\n');

export const packageManagerFacts: Readonly<Record<PackageManager, PackageManagerFacts>> = {
  npm: {
    install: ['install', '--include=dev', '--no-audit', '--no-fund'],
    installsNode: true,
    // Older ones know no such list, and would run every script: they say so, and go on.
    allowScripts: (names) => ({
      devEngines: { packageManager: { name: 'npm', version: '>=11.16.0', onFail: 'warn' } },
      allowScripts: Object.fromEntries(names.map((name) => [name, true])),
    }),
    settings: () => ({}),
    lockFile: 'package-lock.json',
  },
  pnpm: {
    install: ['install', '--prod=false'],
    installsNode: true,
    allowScripts: () => ({}),
    settings: (allowed) => ({ 'pnpm-workspace.yaml': pnpmSettings(allowed) }),
    lockFile: 'pnpm-lock.yaml',
  },
  yarn: {
    install: ['install'],
    // Its install script is run by the very `node` that it is about to bring.
    installsNode: false,
    allowScripts: () => ({}),
    settings: () => ({ '.yarnrc.yml': yarnSettings }),
    lockFile: 'yarn.lock',
  },
  bun: {
    install: ['install'],
    installsNode: true,
    allowScripts: (names) => ({ trustedDependencies: names }),
    settings: () => ({ 'bunfig.toml': bunSettings }),
    lockFile: 'bun.lock',
  },
};

/** The words before the name of a script: `bun test` and `yarn dev` would be something else. */
export const runScript = (packageManager: PackageManager): string => `${packageManager} run`;
