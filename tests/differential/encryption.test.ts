import { createPrivateKey, randomBytes } from 'node:crypto';
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, createLocalJWKSet } from 'jose';
import { describe, expect, test } from 'vitest';
import { decrypt, encrypt } from '../../templates/services/keys/aead.ts';
import { deriveKey } from '../../templates/services/keys/derive.ts';
import { newSigningSecret, publicJwk, signingAlgorithms } from '../../templates/services/keys/signing.ts';

const outcomeOf = (run: () => unknown): 'opened' | 'refused' => {
  try {
    run();
    return 'opened';
  } catch {
    return 'refused';
  }
};

describe('sealed values, against jose (JWE, A256GCM)', () => {
  const key = randomBytes(32);
  const head = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM' })).toString('base64url');
  const texts = ['', 'a', 'Ünïcödé', ...Array.from({ length: 40 }, (_, length) => randomBytes(length * 13).toString('base64'))];

  test('jose opens what we encrypt', async () => {
    for (const text of texts) {
      const { nonce, body } = encrypt('A256GCM', key, Buffer.from(text), head);
      const parts = [head, '', nonce.toString('base64url'), body.subarray(0, -16).toString('base64url'), body.subarray(-16).toString('base64url')];
      const { plaintext } = await compactDecrypt(parts.join('.'), key);
      expect(Buffer.from(plaintext).toString()).toBe(text);
    }
  });

  test('we open what jose encrypts, and refuse what it refuses', async () => {
    for (const text of texts) {
      const jwe = await new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
      const [bound = '', , nonce = '', cipher = '', tag = ''] = jwe.split('.');
      const parts = { nonce: Buffer.from(nonce, 'base64url'), body: Buffer.concat([Buffer.from(cipher, 'base64url'), Buffer.from(tag, 'base64url')]) };
      expect(decrypt('A256GCM', key, parts, bound).toString()).toBe(text);
      for (const length of [0, 4, 8, 12, 15]) {
        const short = tag.slice(0, Math.ceil((length * 4) / 3));
        const theirs = await compactDecrypt([bound, '', nonce, cipher, short].join('.'), key).then(
          () => 'opened',
          () => 'refused',
        );
        const cut = { nonce: parts.nonce, body: parts.body.subarray(0, parts.body.length - 16 + length) };
        expect([theirs, outcomeOf(() => decrypt('A256GCM', key, cut, bound))]).toEqual(['refused', 'refused']);
      }
    }
  });
});

test('derived keys, against the HKDF of WebCrypto', async () => {
  for (const use of [['seal', 'totp.secret'], ['hmac', 'csrf'], ['hmac', 'a","b'], ['hmac', 'a', 'b']]) {
    const secret = randomBytes(32);
    const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: Buffer.from(JSON.stringify(use)) };
    expect(deriveKey(secret, ...use)).toEqual(Buffer.from(await crypto.subtle.deriveBits(parameters, base, 256)));
  }
});

test('published keys: jose signs with ours, and verifies by what is published', async () => {
  const keys = signingAlgorithms.map((algorithm) => {
    const key = createPrivateKey({ key: newSigningSecret(algorithm), format: 'der', type: 'pkcs8' });
    return { algorithm, key, jwk: publicJwk(`kid-${algorithm}`, algorithm, key) };
  });
  const published = createLocalJWKSet({ keys: keys.map(({ jwk }) => ({ ...jwk, kty: jwk.kty ?? '' })) });
  for (const { algorithm, key, jwk } of keys) {
    const signed = await new CompactSign(Buffer.from('text')).setProtectedHeader({ alg: algorithm, kid: jwk.kid }).sign(key);
    const { payload, protectedHeader } = await compactVerify(signed, published);
    expect([Buffer.from(payload).toString(), protectedHeader.kid]).toEqual(['text', jwk.kid]);
  }
});
