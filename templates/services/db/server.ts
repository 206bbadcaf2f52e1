import pg from 'pg';
import { ConfigError } from '#src/config.ts';
import type { ServiceSetup } from '#src/services/setup.ts';
import { type Migrations, applyMigrations, pendingMigrations } from './migration.ts';
import { ServerNotifications } from './notifications.ts';
import { appRole, excessPrivileges, prepareAppRole } from './roles.ts';
import { sessionSettings } from './settings.ts';
import type { Opened } from './database.ts';

/**
 * Migrates as the owner of the schema and makes the login of the app, if it is missing.
 * @returns the names of the migrations that were applied.
 */
export const migrateServer = async (ownerUrl: string, appUrl: string | undefined, migrations: Migrations): Promise<string[]> => {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const login = appUrl === undefined ? undefined : new URL(appUrl);
    await prepareAppRole(client, login?.username === appRole ? decodeURIComponent(login.password) : undefined);
    return await applyMigrations(client, migrations);
  } finally {
    await client.end();
  }
};

/**
 * Connects to PostgreSQL.
 * @throws ConfigError when the schema is behind, or when the login of the app could change it.
 */
export const openServer = async (url: string, { config, log }: ServiceSetup, migrations: Migrations): Promise<Opened> => {
  if (config.MIGRATION_DATABASE_URL !== undefined) await migrateServer(config.MIGRATION_DATABASE_URL, url, migrations);
  const options = Object.entries(sessionSettings(config)).map(([name, value]) => `-c ${name}=${value}`);
  const pool = new pg.Pool({
    connectionString: url,
    max: config.DATABASE_POOL_SIZE,
    connectionTimeoutMillis: 5000,
    options: options.join(' '),
  });
  // A connection that dies while nobody waits for it reports by an event; unheard, it would end the process (CWE-248).
  pool.on('connect', (client) => void client.on('error', (error) => log.warn({ err: error }, 'a database connection was lost')));
  pool.on('error', () => {});
  const check = async (): Promise<void> => {
    const excess = await excessPrivileges(pool);
    const pending = await pendingMigrations(pool, migrations);
    const problems = [
      ...excess.map((privilege) => `DATABASE_URL logs in as a role that ${privilege}: use ${appRole}, which npm run migrate creates`),
      ...(pending.length === 0 ? [] : [`The schema lacks ${pending.join(', ')}: npm run migrate applies what is missing`]),
    ];
    if (problems.length > 0) throw new ConfigError(problems);
  };
  const notifications = new ServerNotifications(url, pool, log);
  const end = async (): Promise<void> => {
    await notifications.close();
    await pool.end();
  };
  try {
    await check();
  } catch (error) {
    await end();
    throw error;
  }
  return { pool, end, check, listen: (listener) => notifications.listen(listener) };
};
