import { minimumNode } from './render/package-json.ts';
import { type PackageManager, isPackageManager } from './package-manager.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the tool needs to know of the machine; read once, at the rim. */
export interface Host {
  /** For example `20.19.0`. Under `npm run` the Node of npm itself, which is the one the user has. */
  readonly nodeVersion: string;
  readonly packageManager: PackageManager;
  readonly isCi: boolean;
}

/** Package managers say who they are: `npm/11.6.0 node/v20.19.0 linux x64 workspaces/false`. */
export const hostOf = (env: Environment, nodeVersion: string): Host => {
  const agent = env['npm_config_user_agent'] ?? '';
  const [name = ''] = agent.split('/');
  return {
    nodeVersion: /\bnode\/v(\d+\.\d+\.\d+)/.exec(agent)?.[1] ?? nodeVersion,
    packageManager: isPackageManager(name) ? name : 'npm',
    isCi: env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false' && env['CI'] !== '0',
  };
};

/** Whether this Node can run the emitted app. */
export const canRunApp = (nodeVersion: string): boolean => {
  const parts = nodeVersion.split('.').map(Number);
  const minimum = minimumNode.split('.').map(Number);
  const index = minimum.findIndex((number, place) => number !== parts[place]);
  return index < 0 || (parts[index] ?? 0) > (minimum[index] ?? 0);
};

/**
 * The environment for a tool that we run in the emitted app. What npm exports to our own script (the settings of the
 * project we were started from) would override the app's own `.npmrc`, so only what says where packages come from stays.
 */
export const toolEnvironment = (env: Environment): Record<string, string> => {
  const kept = /^npm_config_(?:registry|userconfig|globalconfig|cache|cafile|proxy|https[_-]proxy|noproxy|user_agent)$/i;
  const entries = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || name === 'NODE_ENV' || name === 'NODE_TEST_CONTEXT' || name === 'INIT_CWD') return [];
    return /^npm_/i.test(name) && !kept.test(name) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
};
