import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import { closest } from './suggest.ts';

interface Flag {
  readonly type: 'boolean' | 'string';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly value?: string;
  readonly describe: string;
}

/** Every flag; `--help` is made from this. */
export const flags = {
  target: { type: 'string', value: 'fastify|express', describe: 'The web framework' },
  preset: { type: 'string', value: 'NAME', describe: 'A ready choice: minimal, api, web, saas or all' },
  with: { type: 'string', multiple: true, value: 'A,B', describe: 'Protections besides; what they require comes along' },
  without: { type: 'string', multiple: true, value: 'A,B', describe: 'Protections to leave out' },
  set: { type: 'string', multiple: true, value: 'ID.OPTION=VALUE', describe: 'An option of a protection' },
  name: { type: 'string', value: 'NAME', describe: 'The name in package.json; by default that of the folder' },
  pm: { type: 'string', value: 'npm|pnpm|yarn|bun', describe: 'The package manager' },
  yes: { type: 'boolean', short: 'y', describe: 'Ask nothing; what is not given is a default' },
  'no-install': { type: 'boolean', describe: 'Do not install dependencies (then nothing is verified either)' },
  'no-verify': { type: 'boolean', describe: 'Do not check types and do not run the tests and attacks' },
  'no-git': { type: 'boolean', describe: 'Make no repository' },
  'dry-run': { type: 'boolean', describe: 'Say what would be written, and write nothing' },
  diff: { type: 'boolean', describe: 'Show what would be written as a diff, and write nothing' },
  'allow-dirty': { type: 'boolean', describe: 'add, remove, upgrade: although there are changes that are not committed' },
  app: { type: 'string', value: 'FILE#NAME', describe: 'add, in a repo of your own: where its app is made, such as src/app.ts#buildApp' },
  keep: { type: 'string', multiple: true, value: 'PACKAGE', describe: 'add: leave what does the same job already, such as helmet' },
  replace: { type: 'string', multiple: true, value: 'PACKAGE', describe: 'add: have the protection in the place of what does the same job' },
  'with-required': { type: 'boolean', describe: 'remove: what only the removed ones required as well' },
  'security-only': { type: 'boolean', describe: 'upgrade: only parts with a security fix' },
  protection: { type: 'string', multiple: true, value: 'A,B', describe: 'upgrade: only these protections' },
  'create-branch': { type: 'boolean', describe: 'upgrade: on a branch of its own' },
  commit: { type: 'boolean', describe: 'upgrade: one commit for each protection' },
  all: { type: 'boolean', describe: 'status, upgrade: every app in this folder and below it' },
  adopt: { type: 'boolean', describe: 'upgrade: make a lock and a base again that were lost' },
  undo: { type: 'boolean', describe: 'Take back the last add, remove or upgrade, byte for byte' },
  severity: { type: 'string', value: 'low|medium|high|critical', describe: 'doctor: what is worth telling; by default medium' },
  url: { type: 'string', value: 'http://127.0.0.1:3000', describe: 'doctor: ask this server too, which must run on this machine' },
  sarif: { type: 'boolean', describe: 'doctor: SARIF 2.1.0 on stdout, for code scanning' },
  json: { type: 'boolean', describe: 'One JSON document on stdout; asks nothing' },
  cwd: { type: 'string', value: 'DIR', describe: 'The folder that paths start from' },
  verbose: { type: 'boolean', describe: 'Show what the tools write' },
  help: { type: 'boolean', short: 'h', describe: 'This text' },
  version: { type: 'boolean', short: 'v', describe: 'The version' },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof flags;
type Values = { -readonly [N in FlagName]: (typeof flags)[N] extends { multiple: true } ? string[] : (typeof flags)[N] extends { type: 'string' } ? string | undefined : boolean };

export interface CommandLine {
  /** The flags that were given. */
  readonly given: readonly FlagName[];
  readonly words: readonly string[];
  readonly values: Readonly<Values>;
}

const isFlag = (name: string): name is FlagName => Object.hasOwn(flags, name);

/**
 * Reads the command line.
 * @throws UsageError for a flag that does not exist, lacks its value, has one too many or is given twice.
 */
export const parseCommandLine = (argv: readonly string[]): CommandLine => {
  const { tokens, positionals } = parseArgs({ args: [...argv], options: flags, strict: false, allowPositionals: true, tokens: true });
  const values: Values = {
    target: undefined, preset: undefined, with: [], without: [], set: [], name: undefined, pm: undefined, cwd: undefined, app: undefined, severity: undefined, url: undefined, keep: [], replace: [], protection: [],
    yes: false, 'no-install': false, 'no-verify': false, 'no-git': false, 'dry-run': false, diff: false,
    'allow-dirty': false, 'with-required': false, 'security-only': false, adopt: false, all: false, 'create-branch': false, commit: false, undo: false, sarif: false, json: false, verbose: false, help: false, version: false,
  };
  const seen = new Set<FlagName>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, value, rawName } = token;
    if (!isFlag(name)) throw new UsageError(unknownFlag(rawName, name));
    const flag: Flag = flags[name];
    if (flag.type === 'string' && (value === undefined || value === '')) throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value ?? ''}`);
    if (flag.type === 'string' && token.inlineValue === false && value?.startsWith('-')) throw new UsageError(`${rawName} needs a value; ${value} is a flag.`);
    if (flag.type === 'boolean' && value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    if (flag.multiple !== true && flag.type === 'string' && seen.has(name)) throw new UsageError(`${rawName} is given twice.`);
    seen.add(name);
    assign(values, name, value);
  }
  return { words: positionals, values, given: [...seen] };
};

/**
 * Makes sure that a verb was given only flags that mean something to it.
 * @throws UsageError
 */
export const allowFlags = (verb: string, { given }: CommandLine, own: readonly FlagName[]): void => {
  const all: readonly FlagName[] = [...own, 'json', 'cwd', 'verbose', 'help', 'version'];
  const foreign = given.find((name) => !all.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} means nothing to ${verb}. Its flags: ${all.map((name) => `--${name}`).join(', ')}`);
};

const unknownFlag = (rawName: string, name: string): string => {
  const meant = closest(name, Object.keys(flags));
  return `There is no flag ${rawName.slice(0, 80)}. ${meant === undefined ? 'See --help.' : `Did you mean --${meant}?`}`;
};

const assign = (values: Values, name: FlagName, value: string | undefined): void => {
  switch (name) {
    case 'with':
    case 'without':
    case 'protection':
      values[name].push(...(value ?? '').split(',').map((id) => id.trim()).filter((id) => id !== ''));
      break;
    case 'set':
    case 'keep':
    case 'replace':
      values[name].push(value ?? '');
      break;
    case 'target':
    case 'preset':
    case 'name':
    case 'pm':
    case 'cwd':
    case 'app':
    case 'severity':
    case 'url':
      values[name] = value;
      break;
    default:
      values[name] = true;
  }
};

/** The text of `--help`. */
export const helpText = (): string => {
  const left = Object.entries(flags).map(([name, flag]: [string, Flag]) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return [`  ${short}--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, flag.describe] as const;
  });
  const width = Math.max(...left.map(([text]) => text.length)) + 2;
  return `Emits a hardened TypeScript server whose own tests attack it.

Usage:
  create-secure-app [DIR] [flags]     create an app in DIR
  create-secure-app add ID...         bring protections into the app that is here
  create-secure-app remove ID...      take protections out of it
  create-secure-app upgrade           bring it the fixes since it was created
  create-secure-app list              the protections there are
  create-secure-app explain ID        what a protection stops, and what it does not
  create-secure-app status            what the app here lacks: newer templates, security fixes, guards that are gone
  create-secure-app doctor            what any server repo on Fastify or Express lacks, judged from its source

Flags:
${left.map(([text, describe]) => `${text.padEnd(width)}${describe}`).join('\n')}

Exit codes: 0 done; 1 refused or failed, nothing was changed; 2 conflicts left to resolve; 3 bad usage; 4 status or doctor found something.
It never asks without a terminal, or with CI set. NO_COLOR turns colours off. There is no telemetry.
`;
};
