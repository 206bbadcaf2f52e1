import { type ServiceSetup, startInOrder } from '#src/services/setup.ts';
import { start as startDb } from './db/service.ts';
import { startSearch } from '#src/search.ts';

/** Starts every service, one after the other. */
export const startServices = (setup: ServiceSetup) =>
  startInOrder(async (keep) => {
    const db = await keep(startDb(setup));
    const search = await keep(startSearch(setup, { db }));
    return { db, search };
  });
