import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { dirSync, setGracefulCleanup } from 'tmp-promise';
import { repositoryRoot } from './catalogue/read.ts';
import { type Manifest, isNewer, isOffline, lockedVersions, newestOf, pinnedLoosely, readObject, youngPinOf } from './versions/read.ts';

setGracefulCleanup();

/** As long as what this repo emits asks of every version (`min-release-age`). */
const days = 7;

const usage = `npm run versions -- [--must-answer]
Every pinned and every locked version is at least ${days} days old; newer ones are listed. A registry that does not answer is no failure unless --must-answer.`;

type Outcome = { readonly offline: string } | { readonly problems: readonly string[]; readonly checked: number };

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { 'must-answer': { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    console.log(usage);
    return;
  }
  const outcome = await check();
  if ('offline' in outcome) {
    console.warn(`NOT CHECKED: the age of versions. The registry does not answer: ${outcome.offline}`);
    process.exitCode = values['must-answer'] ? 1 : 0;
    return;
  }
  for (const problem of outcome.problems) console.error(problem);
  if (outcome.problems.length > 0) process.exitCode = 1;
  else console.log(`All pins, and ${outcome.checked} locked versions, are at least ${days} days old.`);
  for (const line of await newer()) console.log(line);
};

const age = `--min-release-age=${days}`;
const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];

/**
 * Resolves everything anew, as `create` does for a user: npm takes nothing that is too young, and says so of a pin. What the lock
 * names is then no newer than what npm chose, or is asked about one by one.
 */
const check = async (): Promise<Outcome> => {
  const folder = copyOfManifests();
  const problems: string[] = [];
  for (;;) {
    const { failed, stderr } = await npm(['install', '--package-lock-only', age, ...quiet], folder);
    if (!failed) break;
    if (isOffline(stderr)) return { offline: lastLine(stderr) };
    const young = youngPinOf(stderr);
    if (young === undefined || !pinnedLoosely(folder, young)) return { problems: [...problems, `npm finds no versions that are old enough:\n${stderr}`], checked: 0 };
    problems.push(`${young.name}@${young.version} is pinned, and younger than ${days} days.`);
  }
  const chosen = newestOf(lockedVersions(readObject(path.join(folder, 'package-lock.json'))));
  const locked = lockedVersions(readObject(path.join(repositoryRoot, 'package-lock.json')));
  const pinned = new Set(problems.map((line) => line.split(' ')[0]));
  const doubtful = locked.filter(({ name, version }) => !pinned.has(`${name}@${version}`) && isNewer(version, chosen.get(name) ?? '0.0.0'));
  for (const { name, version } of doubtful) {
    const { failed, stderr, stdout } = await npm(['view', name, 'time', '--json'], folder);
    if (failed && isOffline(stderr)) return { offline: lastLine(stderr) };
    const published = asManifest(stdout === '' ? {} : JSON.parse(stdout))[version];
    const isOld = typeof published === 'string' && Date.parse(published) <= Date.now() - days * 86_400_000;
    if (!isOld) problems.push(`${name}@${version} is in package-lock.json, and younger than ${days} days.`);
  }
  return { problems, checked: locked.length };
};

/** The manifests of the repo and of its workspace, without lock and settings of the repo. */
const copyOfManifests = (): string => {
  const { name: folder } = dirSync({ prefix: 'versions-', unsafeCleanup: true });
  for (const file of ['package.json', 'templates/package.json']) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    cpSync(path.join(repositoryRoot, file), path.join(folder, file));
  }
  return folder;
};

const npm = async (given: readonly string[], cwd: string): Promise<{ readonly failed: boolean; readonly stdout: string; readonly stderr: string }> => {
  const { failed, stdout, stderr } = await execa('npm', given, { cwd, reject: false, env: { npm_config_fetch_retries: '1', npm_config_fetch_timeout: '30000' } });
  return { failed, stdout, stderr };
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** What could be pinned instead. */
const newer = async (): Promise<string[]> => {
  const { stdout } = await npm(['outdated', '--json', '--workspaces', '--include-workspace-root', age], repositoryRoot);
  const outdated: unknown = stdout === '' ? {} : JSON.parse(stdout);
  return Object.entries(asManifest(outdated)).flatMap(([name, entry]) => {
    const { current, latest } = asManifest(Array.isArray(entry) ? entry[0] : entry);
    return typeof current === 'string' && typeof latest === 'string' && isNewer(latest, current) ? [`newer: ${name} ${current} -> ${latest}`] : [];
  });
};

const asManifest = (value: unknown): Manifest => (typeof value === 'object' && value !== null ? { ...value } : {});

await main();
