import type { AppContext } from '#src/context.ts';
import { open, seal } from '#src/protections/encryption/seal.ts';
import type { SealedColumn } from '#src/protections/encryption/sealed-columns.ts';

type App = Pick<AppContext, 'services'>;

const purpose = 'webhook.secret';

/** Where the secrets of endpoints stand, for rotation of keys. */
export const secretColumns = {
  secret: { purpose, table: 'webhook_endpoints', column: 'secret', row: 'id' },
  previous: { purpose, table: 'webhook_endpoints', column: 'previous_secret', row: 'id' },
} as const satisfies Readonly<Record<string, SealedColumn>>;

type Which = keyof typeof secretColumns;

export const sealSecret = (app: App, which: Which, id: string, secret: string): string => seal(app, { ...secretColumns[which], row: id }, secret);

export const openSecret = (app: App, which: Which, id: string, sealed: string): string => open(app, { ...secretColumns[which], row: id }, sealed).toString();

/** How long messages are signed with the secret before, too, ms. */
export const overlapMs = 24 * 60 * 60_000;

export interface SecretRow {
  readonly endpoint_id: string;
  readonly secret: string;
  readonly previous_secret: string | null;
  readonly previous_until: Date | null;
}

/** The secrets that sign now, the newest first. */
export const signingSecrets = (app: App, { endpoint_id: id, secret, previous_secret: previous, previous_until: until }: SecretRow, now: number): string[] => {
  const current = openSecret(app, 'secret', id, secret);
  if (previous === null || until === null || now >= until.getTime()) return [current]; // protect: W1 ( || now >= until.getTime() -> )
  return [current, openSecret(app, 'previous', id, previous)];
};
