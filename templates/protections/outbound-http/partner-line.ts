import { Pool } from 'undici';
import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { isPublicAddress } from './addresses.ts';
import { Breaker } from './breaker.ts';
import { connectorFor } from './connector.ts';
import { networkOf } from './network.ts';
import type { Partner } from './partner.ts';
import { RetryBudget } from './retries.ts';
import { Slots } from './slots.ts';

/** What this app knows of one partner: its connections and how they fare. */
export interface Line {
  readonly pool: Pool;
  readonly slots: Slots;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

const linesOf = perApp(() => new Map<Partner, Line>());

/** The line to `partner`, opened at the first call and closed with the app. */
export const lineOf = (app: AppContext, partner: Partner): Line => {
  const lines = linesOf(app);
  const known = lines.get(partner);
  if (known !== undefined) return known;
  const line = openLine(app, partner);
  lines.set(partner, line);
  app.whenClosing.push(() => line.pool.close());
  return line;
};

const openLine = (app: AppContext, partner: Partner): Line => {
  const { baseUrl, concurrency = 10, deadlineMs = app.config.OUTBOUND_DEADLINE_MS, maxBytes = app.config.OUTBOUND_MAX_BYTES } = partner;
  const network = networkOf(app);
  const connect = connectorFor({
    network,
    // Who answers for a partner of ours is proved by its certificate; a public name must not lead inside all the same.
    admits: partner.reach === 'private' ? () => true : isPublicAddress,
    authorities: partner.authorities ?? network.authorities,
    deadlineMs,
  });
  return {
    pool: new Pool(new URL(baseUrl).origin, { connect, allowH2: false, connections: concurrency, pipelining: 1 }),
    slots: new Slots(concurrency),
    breaker: new Breaker(),
    budget: new RetryBudget(),
    deadlineMs,
    maxBytes,
  };
};
