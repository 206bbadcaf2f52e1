import pg from 'pg';
import type { Config } from '#src/config.ts';

/** A calendar date has no time zone: as a Date it would move by a day for half of the world. */
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

/** What every connection of the app is limited to (ASVS V13.2.2). Times in ms. */
export const sessionSettings = (config: Config): Readonly<Record<string, number>> => ({
  statement_timeout: config.STATEMENT_TIMEOUT_MS, // protect: Q401 (config.STATEMENT_TIMEOUT_MS -> 0)
  lock_timeout: config.STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: config.IDLE_TRANSACTION_TIMEOUT_MS, // protect: Q401 (config.IDLE_TRANSACTION_TIMEOUT_MS -> 0)
});
