import type { Logger } from 'pino';
import { forkCompanion } from './companion.ts';
import { type Relayed, isRelayed } from './supervise.ts';

/** A companion of this app, started when it is first needed. */
export interface CompanionChannel {
  send(message: object): void;
  /** Ends it, at once; the next message starts another one. */
  end(): void;
}

export interface CompanionListener {
  readonly heard: (message: unknown) => void;
  /** It has ended, whoever ended it: what it was asked will not be answered. */
  readonly lost: () => void;
}

/** Opens the way to a companion: a process of this app, or under start:sandboxed one of the process beside it. */
export const openCompanion = (root: string, companion: string, listener: CompanionListener, log: Logger): CompanionChannel =>
  process.permission === undefined ? ownCompanion(root, companion, listener, log) : relayedCompanion(companion, listener);

const ownCompanion = (root: string, companion: string, { heard, lost }: CompanionListener, log: Logger): CompanionChannel => {
  let child: ReturnType<typeof forkCompanion> | undefined;
  const start = (): ReturnType<typeof forkCompanion> => {
    const started = forkCompanion(root, companion);
    const ended = (error?: unknown): void => {
      if (error instanceof Error) log.error({ err: error, companion }, 'a companion failed');
      if (child !== started) return;
      child = undefined;
      lost();
    };
    started.on('message', heard);
    started.on('error', ended);
    started.on('exit', () => ended());
    // It waits for work; that keeps no process from its end.
    started.unref();
    started.channel?.unref();
    return started;
  };
  return {
    send: (message) => void (child ??= start()).send(message),
    end: () => void child?.kill('SIGKILL'),
  };
};

const relayedCompanion = (companion: string, { heard, lost }: CompanionListener): CompanionChannel => {
  const tell = (relayed: Relayed): void => {
    // Without a process beside it, as where a platform starts the sandbox itself, there is no companion.
    if (process.send === undefined || !process.connected) setImmediate(lost);
    else process.send(relayed);
  };
  process.on('message', (relayed: unknown) => {
    if (!isRelayed(relayed) || relayed.companion !== companion) return;
    if (relayed.message === undefined) lost();
    else heard(relayed.message);
  });
  // Alone it would go on without its companions, and without whoever was told to end it.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
  return { send: (message) => tell({ companion, message }), end: () => tell({ companion }) };
};
