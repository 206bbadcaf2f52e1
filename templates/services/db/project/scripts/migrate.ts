import { ConfigError, loadConfig } from '#src/config.ts';
import { migrations } from '#src/schema/migrations.ts';
import { migrateServer } from '#src/services/db/server.ts';

/** `npm run migrate`: applies what the database of MIGRATION_DATABASE_URL lacks. The embedded one migrates when it starts. */
const migrate = async (): Promise<void> => {
  const { DATABASE_URL, MIGRATION_DATABASE_URL } = loadConfig(process.env);
  if (MIGRATION_DATABASE_URL === undefined)
    throw new ConfigError(['MIGRATION_DATABASE_URL must name the database and the owner of its schema']);
  const applied = await migrateServer(MIGRATION_DATABASE_URL, DATABASE_URL, migrations);
  console.log(applied.length === 0 ? 'Nothing was missing.' : `Applied ${applied.join(', ')}.`);
};

migrate().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
