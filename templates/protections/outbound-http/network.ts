import { randomInt } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { type Socket, type TcpNetConnectOpts, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { perApp } from '#src/protections/app-core/per-app.ts';

/** What calls to other systems are made of; a test brings its own names, sockets and time. */
export interface Network {
  /** Every address of a name, A and AAAA; none when it has none. */
  resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]>;
  connect(options: TcpNetConnectOpts): Socket;
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 up to 1, for delays. */
  random(): number;
  /** PEM certificates that are trusted instead of those of Node. */
  authorities: readonly string[] | undefined;
}

/**
 * Asks a resolver for both kinds of addresses. A query that fails gives none of its kind: only addresses that are known
 * here are ever connected to.
 */
export const resolveBy = async (resolver: Resolver, hostname: string, signal: AbortSignal): Promise<readonly string[]> => {
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  signal.removeEventListener('abort', cancel);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
};

/** The network of each app. The DNS itself is asked: names of the hosts file are names of this machine. */
export const networkOf = perApp<Network>(() => ({
  resolve: (hostname, signal) => resolveBy(new Resolver({ timeout: 2000, tries: 2 }), hostname, signal),
  connect,
  wait: (ms, signal) => delay(ms, undefined, { signal }),
  random: () => randomInt(2 ** 32) / 2 ** 32,
  authorities: undefined,
}));
