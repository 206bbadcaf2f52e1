import type { DestinationStream, Logger } from 'pino';
import type { Config } from '#src/config.ts';
import type { Clock } from '#src/http/clock.ts';
import type { DomainEvents } from '#src/protections/app-core/events.ts';
import type { Routing } from '#src/protections/app-core/routing.ts';
import type { Services } from '#src/services/index.ts';

/** What lives as long as the app. Passed explicitly; nothing of a request is ever kept here (G4). */
export interface AppContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the lines of the log go, for lines that are formatted by hand. */
  readonly logDestination: DestinationStream;
  readonly services: Services;
  readonly events: DomainEvents;
  /** Where protections attach to routes: guards, identities, input and output rules. */
  readonly routing: Routing;
  /** Ends what runs beside requests. Called once when the app closes, while the last requests finish; the services still work. */
  readonly whenClosing: (() => Promise<void>)[];
}
