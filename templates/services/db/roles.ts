import pg, { type ClientBase } from 'pg';

/** The role of the running app: rows, no schema. Policies and grants in migrations name it. */
export const appRole = 'app_rt';

/**
 * Makes the app role if it is missing, and lets it use every table that later migrations create.
 * A migration that must give less (an audit log is only appended to) revokes it again.
 * @param password for a role that can log in; without one it cannot.
 */
export const prepareAppRole = async (client: ClientBase, password?: string): Promise<void> => {
  const login = password === undefined ? 'nologin' : `login password ${pg.escapeLiteral(password)}`;
  // Roles belong to the whole cluster: another process may create it between the look and the leap.
  const create = `begin create role ${appRole} ${login}; exception when duplicate_object or unique_violation then null; end`;
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [appRole]);
  if (rowCount === 0) await client.query(`do $$ ${create} $$`);
  await client.query('revoke create on schema public from public');
  await client.query(`grant usage on schema public to ${appRole}`);
  await client.query(`alter default privileges in schema public grant select, insert, update, delete on tables to ${appRole}`);
  await client.query(`alter default privileges in schema public grant usage, select on sequences to ${appRole}`);
};

/** What the login of a pool may do that an app must not (CWE-250). Empty when all is well. */
export const excessPrivileges = async (client: Pick<ClientBase, 'query'>): Promise<string[]> => {
  const { rows } = await client.query<{ above: boolean; ddl: boolean }>(
    `select rolsuper or rolbypassrls or rolcreaterole as above, has_schema_privilege('public', 'create') as ddl
    from pg_roles where rolname = current_user`,
  );
  const facts = rows[0];
  if (facts === undefined) return ['is unknown to pg_roles'];
  return [...(facts.above ? ['stands above row-level security or may create roles'] : []), ...(facts.ddl ? ['may create tables'] : [])];
};
