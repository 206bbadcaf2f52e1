export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

export const isPackageManager = (text: string): text is PackageManager => packageManagers.some((known) => known === text);

/** How a package manager is told things. */
export interface PackageManagerFacts {
  /** Arguments that install everything, development dependencies too, whatever NODE_ENV says. */
  readonly install: readonly string[];
  /** The fields of package.json that let the named packages, and no others, run their install script. */
  readonly allowScripts: (names: readonly string[]) => Readonly<Record<string, unknown>>;
  readonly lockFile: string;
}

export const packageManagerFacts: Readonly<Record<PackageManager, PackageManagerFacts>> = {
  npm: {
    install: ['install', '--include=dev', '--no-audit', '--no-fund'],
    allowScripts: (names) => ({ allowScripts: Object.fromEntries(names.map((name) => [name, true])) }),
    lockFile: 'package-lock.json',
  },
  pnpm: {
    install: ['install', '--prod=false'],
    allowScripts: (names) => ({ pnpm: { onlyBuiltDependencies: names } }),
    lockFile: 'pnpm-lock.yaml',
  },
  yarn: {
    install: ['install'],
    allowScripts: (names) => ({ dependenciesMeta: Object.fromEntries(names.map((name) => [name, { built: true }])) }),
    lockFile: 'yarn.lock',
  },
  bun: {
    install: ['install'],
    allowScripts: (names) => ({ trustedDependencies: names }),
    lockFile: 'bun.lock',
  },
};
