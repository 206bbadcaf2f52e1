import { flightsOf } from '#src/protections/webhooks-out/flights.ts';
import type { TestApp } from '#tests/support/app.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';

/** Makes every attempt that is due, and waits until all have ended. Returns how many jobs ran. */
export const deliverDue = async (app: Pick<TestApp, 'context'>): Promise<number> => {
  let runs = 0;
  for (;;) {
    const more = await drainJobs(app);
    await flightsOf(app.context).settled();
    runs += more;
    if (more === 0) return runs;
  }
};
