import type { AddressInfo } from 'node:net';
import type { IncomingMessage, Server } from 'node:http';
import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import type { Config } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import type { Binding } from '#src/http/binding.ts';
import { type Clock, systemClock } from '#src/http/clock.ts';
import { DomainEvents } from '#src/protections/app-core/events.ts';
import type { RouteModule } from '#src/protections/app-core/route.ts';
import { type IdentityProvider, Routing } from '#src/protections/app-core/routing.ts';
import { startServices } from '#src/services/index.ts';
import type { Service } from '#src/services/setup.ts';

/** What a test, or a second app in one process, brings instead of the real thing. */
export interface Parts {
  readonly clock?: Clock;
  readonly logDestination?: DestinationStream;
  /** Bindings behind the registered ones. */
  readonly bindings?: readonly Binding[];
  /** Modules besides the registered ones. */
  readonly modules?: readonly RouteModule[];
  readonly identities?: readonly IdentityProvider[];
}

/** A running HTTP app, the same on both frameworks. */
export interface App {
  readonly context: AppContext;
  readonly server: Server;
  /** Starts to accept connections; resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  /** Finishes the running requests, then gives back every service. */
  close(): Promise<void>;
}

/** Starts what lives as long as the app. */
export const createContext = async (config: Config, bindings: readonly { readonly log?: LoggerOptions }[], parts: Parts): Promise<AppContext> => {
  const clock = parts.clock ?? systemClock;
  const logDestination = parts.logDestination ?? pino.destination(1);
  const log = createLog(config, bindings, logDestination);
  const routing = new Routing();
  routing.identities.push(...(parts.identities ?? []));
  return { config, clock, log, logDestination, routing, whenClosing: [], events: new DomainEvents(log), services: await startServices({ config, clock, log }) };
};

const createLog = (config: Config, bindings: readonly { readonly log?: LoggerOptions }[], destination: DestinationStream) => {
  const options = bindings.reduce<LoggerOptions>((all, { log }) => ({ ...all, ...log }), { level: config.LOG_LEVEL });
  return pino(options, destination);
};

/** The port that the operating system chose, or the one asked for. */
export const portOf = (server: Server): number => {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return address.port;
};

/** Boots; when that fails, gives back the services before the error goes on. */
export const bootOrClose = async (context: AppContext, boot: () => void | Promise<void>): Promise<void> => {
  try {
    await boot();
  } catch (error) {
    await closeServices(context);
    throw error;
  }
};

/** Ends what runs beside requests, all of it at once. What fails to end is logged: the services are to be given back all the same. */
export const endBackgroundWork = async ({ whenClosing, log }: AppContext): Promise<void> => {
  const results = await Promise.allSettled(whenClosing.map((end) => end()));
  for (const result of results) if (result.status === 'rejected') log.error({ err: result.reason }, 'background work did not end well');
};

/** Closes services in the reverse order of their start: what was built on another goes first. */
export const closeServices = async (context: AppContext): Promise<void> => {
  const services: readonly Service[] = Object.values(context.services);
  for (const service of services.toReversed()) await service.close();
};

/** The query string as it was sent: encoded, without `?`. */
export const searchOf = ({ url = '' }: IncomingMessage): string => {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
};
