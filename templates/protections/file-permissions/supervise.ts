import { type ChildProcess, fork } from 'node:child_process';
import { companionNames, forkCompanion } from './companion.ts';

/** A message for a companion or from one. The sandboxed app cannot start a process: it asks the one that started it. */
export interface Relayed {
  readonly companion: string;
  /** What is said; absent when the companion has ended, or is to end. */
  readonly message?: object;
}

export const isRelayed = (value: unknown): value is Relayed => typeof value === 'object' && value !== null && 'companion' in value && typeof value.companion === 'string';

/**
 * Starts the sandboxed app and stays beside it: it keeps the companions, passes messages on, and ends as the app ends.
 * @param flags of Node for the app.
 */
export const supervise = (root: string, flags: readonly string[], program: string, args: readonly string[]): void => {
  const known = new Set(companionNames(root));
  const running = new Map<string, ChildProcess>();
  const app = fork(program, args, { execArgv: [...flags], serialization: 'advanced', stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });

  const tell = (relayed: Relayed): void => {
    if (app.connected) app.send(relayed);
  };
  const start = (companion: string): ChildProcess => {
    const child = forkCompanion(root, companion);
    const ended = (): void => {
      if (running.get(companion) !== child) return;
      running.delete(companion);
      tell({ companion });
    };
    child.on('message', (message) => typeof message === 'object' && message !== null && tell({ companion, message }));
    child.on('error', ended);
    child.on('exit', ended);
    running.set(companion, child);
    return child;
  };

  app.on('message', (relayed: unknown) => {
    // The app may be in the hands of a stranger: it names a companion of this project, or nothing happens.
    if (!isRelayed(relayed) || !known.has(relayed.companion)) return;
    const { companion, message } = relayed;
    if (message === undefined) running.get(companion)?.kill('SIGKILL');
    else (running.get(companion) ?? start(companion)).send(message);
  });
  app.on('exit', (code, signal) => {
    for (const child of running.values()) child.kill('SIGKILL');
    process.exit(signal === null ? (code ?? 1) : 1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void app.kill(signal));
};
