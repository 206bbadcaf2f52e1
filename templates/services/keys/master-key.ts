import { decrypt, encrypt } from './aead.ts';

/** What wraps the keys of the ring: a file on this machine, or a KMS behind the same two calls. */
export interface MasterKey {
  /** Encrypts a key so that it can stand in the database. `bound` says which key it is. */
  wrap(secret: Uint8Array, bound: string): Promise<string>;
  /** @throws Error when it was wrapped by another master key, or for another place. */
  unwrap(wrapped: string, bound: string): Promise<Buffer>;
}

const algorithm = 'A256GCM';

/** A master key of 32 bytes in the memory of this process. */
export const localMasterKey = (secret: Uint8Array): MasterKey => ({
  wrap: async (plain, bound) => {
    const { nonce, body } = encrypt(algorithm, secret, plain, bound);
    return `${nonce.toString('base64url')}.${body.toString('base64url')}`;
  },
  unwrap: async (wrapped, bound) => {
    const [nonce = '', body = ''] = wrapped.split('.');
    return decrypt(algorithm, secret, { nonce: Buffer.from(nonce, 'base64url'), body: Buffer.from(body, 'base64url') }, bound);
  },
});
