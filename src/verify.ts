import { execa } from 'execa';
import { Refusal } from './errors.ts';
import { type PackageManager, packageManagerFacts } from './package-manager.ts';

/** Something that must succeed before a commit. */
export interface Check {
  readonly id: 'install' | 'typecheck' | 'test';
  readonly title: string;
  readonly command: readonly string[];
}

/** The checks of a new app, in order. */
export const checksOf = (packageManager: PackageManager, wants: { readonly install: boolean; readonly verify: boolean }): Check[] => [
  ...(wants.install
    ? [{ id: 'install', title: 'Installing dependencies', command: [packageManager, ...packageManagerFacts[packageManager].install] } as const]
    : []),
  ...(wants.install && wants.verify
    ? ([
        { id: 'typecheck', title: 'Checking types', command: [packageManager, 'run', 'typecheck'] },
        { id: 'test', title: 'Running its tests and attacks', command: [packageManager, 'run', 'test'] },
      ] as const)
    : []),
];

export interface CheckSetting {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Show what the tools write, while they write it. */
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

/**
 * Runs a check in the staged app.
 * @throws Refusal with the end of its output when it fails.
 */
export const runCheck = async ({ title, command }: Check, { directory, env, verbose, signal }: CheckSetting): Promise<void> => {
  const [file = '', ...args] = command;
  const result = await execa(file, args, {
    cwd: directory,
    env,
    extendEnv: false,
    stdin: 'ignore',
    stdout: verbose ? ['pipe', process.stderr] : 'pipe',
    stderr: verbose ? ['pipe', process.stderr] : 'pipe',
    all: true,
    reject: false,
    cancelSignal: signal,
    maxBuffer: 20_000_000,
  });
  if (!result.failed) return;
  const shown = command.join(' ');
  if (result.code === 'ENOENT') throw new Refusal(`${title} failed: \`${file}\` is not installed here. Choose another with --pm, or leave this out with --no-install.`);
  throw new Refusal(`${title} failed: \`${shown}\` ended with ${result.exitCode ?? result.signal ?? result.code ?? 'an error'}. Nothing was created.`, tail(result.all ?? ''));
};

const tail = (output: string): string => output.trimEnd().split('\n').slice(-60).join('\n');
