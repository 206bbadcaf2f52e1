import { type ServiceSetup, startInOrder } from '#src/services/setup.ts';
import { start as startDb } from './db/service.ts';
import { start as startMailer } from './mailer/service.ts';

/** Starts every service, one after the other. */
export const startServices = (setup: ServiceSetup) =>
  startInOrder(async (keep) => {
    const db = await keep(startDb(setup));
    const mailer = await keep(startMailer(setup));
    return { db, mailer };
  });
