import { migrations } from '#src/schema/migrations.ts';
import type { ServiceSetup } from '#src/services/setup.ts';
import { Db } from './database.ts';

/** Opens PostgreSQL where DATABASE_URL names one, else the embedded database. Each brings only its own driver along. */
export const start = async (setup: ServiceSetup): Promise<Db> => {
  const { DATABASE_URL } = setup.config;
  if (DATABASE_URL === undefined) {
    const { openEmbedded } = await import('./embedded.ts');
    return new Db(await openEmbedded(setup, migrations));
  }
  const { openServer } = await import('./server.ts');
  return new Db(await openServer(DATABASE_URL, setup, migrations));
};
