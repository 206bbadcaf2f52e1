import type { TestApp } from '#tests/support/app.ts';

/** Everything that stands in the tables through which a code passes, as text: a secret must not be found in it. */
export const dumpOf = async ({ context }: TestApp): Promise<string> => {
  const db = context.services.db.query;
  const rows = await Promise.all([
    db.selectFrom('registrations').select(['id', 'email', 'password_hash', 'code_digest', 'expires_at']).execute(),
    db.selectFrom('invitations').select(['id', 'email', 'roles', 'code_digest', 'expires_at']).execute(),
    db.selectFrom('jobs').select(['id', 'type', 'payload', 'result', 'failure', 'idempotency_key']).execute(),
    db.selectFrom('security_events').select(['type', 'user_id', 'details']).execute(),
    db.selectFrom('users').select(['id', 'email', 'roles']).execute(),
  ]);
  return JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : value));
};
