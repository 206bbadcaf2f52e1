import { randomBytes } from 'node:crypto';
import { argon2Verify, argon2id, bcrypt, pbkdf2, scrypt, createSHA256, createSHA512 } from 'hash-wasm';
import { describe, expect, test } from 'vitest';
import { hashArgon2id, leastCost, pepperOf } from '../../templates/protections/auth-password/hashing/argon2id.ts';
import { readHash } from '../../templates/protections/auth-password/hashing/schemes.ts';

const pepper = pepperOf(randomBytes(32));
const settings = { cost: leastCost, pepper };
const passwords = ['a', 'violin under seven lamps', ' spaces at both ends ', 'pässwörd', '😀'.repeat(64), 'x'.repeat(256), 'a\u0000b'];

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');
const verify = (hash: string, password: string): Promise<boolean> | undefined => readHash(hash, settings)?.verify(password);

describe('stored passwords, against hash-wasm', () => {
  test('hash-wasm verifies what we store, with the pepper and not without', async () => {
    for (const password of passwords) {
      // Its reader knows no parameter beyond m, t and p.
      const hash = (await hashArgon2id(password, leastCost, pepper)).replace(/,keyid=[^$]+/, '');
      expect(await argon2Verify({ password, hash, secret: pepper.secret }), password).toBe(true);
      expect(await argon2Verify({ password, hash }), password).toBe(false);
      expect(await argon2Verify({ password: `${password}x`, hash, secret: pepper.secret }), password).toBe(false);
    }
  });

  test('we verify its Argon2id, of any cost, and nothing near it', async () => {
    for (const [index, password] of passwords.entries()) {
      const options = { iterations: 1 + (index % 3), parallelism: 1 + (index % 2), memorySize: 64 << index % 4, hashLength: 16 + 8 * (index % 3) };
      const hash = await argon2id({ password, salt: randomBytes(8 + index), ...options, outputType: 'encoded' });
      expect(await verify(hash, password), hash).toBe(true);
      expect(await verify(hash, `${password}x`), hash).toBe(false);
      expect(readHash(hash, settings)?.outdated).toBe(true);
    }
  });

  test('we verify its bcrypt, scrypt and PBKDF2, and nothing near them', async () => {
    for (const password of passwords.filter((text) => Buffer.byteLength(text) <= 72 && !text.includes('\u0000'))) {
      const salt = randomBytes(16);
      const derived = await scrypt({ password, salt, costFactor: 1024, blockSize: 8, parallelism: 1, hashLength: 32, outputType: 'binary' });
      const sha256 = await pbkdf2({ password, salt, iterations: 1000, hashLength: 32, hashFunction: createSHA256(), outputType: 'binary' });
      const sha512 = await pbkdf2({ password, salt, iterations: 1000, hashLength: 64, hashFunction: createSHA512(), outputType: 'binary' });
      const hashes = [
        await bcrypt({ password, salt, costFactor: 4, outputType: 'encoded' }),
        `$scrypt$ln=10,r=8,p=1$${base64(salt)}$${base64(derived)}`,
        `$pbkdf2-sha256$1000$${base64(salt)}$${base64(sha256)}`,
        `$pbkdf2-sha512$1000$${base64(salt)}$${base64(sha512)}`,
      ];
      for (const hash of hashes) {
        expect(await verify(hash, password), hash).toBe(true);
        expect(await verify(hash, `${password}x`), hash).toBe(false);
      }
    }
  });
});
