import type { AppContext } from '#src/context.ts';
import { decrypt, encrypt } from '#src/services/keys/aead.ts';
import { CannotOpen } from './cannot-open.ts';
import { sealedColumns } from './sealed-columns.ts';

export { CannotOpen } from './cannot-open.ts';

/** Where a sealed value stands. It opens nowhere else. */
export interface Place {
  /** What it is for, `totp.secret`; each purpose has keys of its own. */
  readonly purpose: string;
  readonly table: string;
  readonly column: string;
  /** What names the row; for a new row its id has to be made before. */
  readonly row: string;
}

const version = '1';

const boundTo = ({ purpose, table, column, row }: Place, kid: string): string =>
  JSON.stringify([version, kid, purpose, table, column, row]); // protect: Q445 (, table, column, row -> )

/**
 * Encrypts a value for its place, with the current key: `version.key.nonce.body`, base64url. The same value gives another text
 * each time, so it cannot be searched for. The column must be registered, see `sealedColumns`.
 * @throws Error when it is not.
 */
export const seal = (app: Pick<AppContext, 'services'>, place: Place, plain: Uint8Array | string): string => {
  sealedColumns(app).expect(place);
  const { kid, algorithm, secret } = app.services.keys.sealingKey(place.purpose);
  const { nonce, body } = encrypt(algorithm, secret, Buffer.from(plain), boundTo(place, kid));
  return [version, kid, nonce.toString('base64url'), body.toString('base64url')].join('.');
};

const format = /^1\.([0-9a-f]{16})\.([\w-]{16})\.([\w-]+)$/;

/**
 * Opens what `seal` made for the same place. Only the key that it names is tried.
 * @throws CannotOpen
 */
export const open = ({ services }: Pick<AppContext, 'services'>, place: Place, envelope: string): Buffer => {
  const [, kid, nonce = '', text = ''] = format.exec(envelope) ?? [];
  const key = kid === undefined ? undefined : services.keys.openingKey(kid, place.purpose);
  if (key === undefined) throw new CannotOpen();
  const body = Buffer.from(text, 'base64url');
  // The last character may hold bits that no byte has: one value has one text.
  if (body.toString('base64url') !== text) throw new CannotOpen(); // protect: Q445
  try {
    return decrypt(key.algorithm, key.secret, { nonce: Buffer.from(nonce, 'base64url'), body }, boundTo(place, key.kid));
  } catch {
    throw new CannotOpen();
  }
};

/** The id of the key that sealed a value; undefined when the value is none of `seal`. */
export const keyOf = (envelope: string): string | undefined => format.exec(envelope)?.[1];
