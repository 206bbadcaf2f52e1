import { createHmac, randomBytes } from 'node:crypto';
import { ScureBase32Plugin } from 'otplib';
import decodeQR from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { newSecret, otpauthUri, stepOfCode } from '../../templates/protections/totp/code.ts';
import { qrSvg } from '../../templates/protections/totp/qr.ts';

const base32 = new ScureBase32Plugin();

/** RFC 4226 section 5.3, as it is written there. */
const codeOfStep = (secret: Uint8Array, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};

describe('codes', () => {
  const seed = base32.encode(Buffer.from('12345678901234567890'));

  // RFC 6238 appendix B, SHA-1; of its eight digits the last six.
  const vectors: readonly [seconds: number, code: string][] = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ];
  test.each(vectors)('the vector of %i seconds', (seconds, code) => {
    expect(stepOfCode(seed, code.slice(2), seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  test('500 secrets and times: the step of now and its neighbours, and no other', () => {
    for (let round = 0; round < 500; round += 1) {
      const secret = newSecret();
      const key = base32.decode(secret);
      const now = randomBytes(5).readUIntBE(0, 5) + 120_000;
      const step = Math.floor(now / 30_000);
      const codes = new Map([-3, -2, -1, 0, 1, 2, 3].map((offset) => [codeOfStep(key, step + offset), offset]));
      if (codes.size < 7) continue;
      for (const [code, offset] of codes) expect(stepOfCode(secret, code, now)).toBe(Math.abs(offset) > 1 ? undefined : step + offset);
    }
  });

  test('secrets have 160 bits, and no two are alike', () => {
    const secrets = Array.from({ length: 100 }, newSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(base32.decode(secret)).toHaveLength(20);
  });

  test.each(['', '12345', '1234567', '12a456', '١٢٣٤٥٦', '-12345', '1e5000', '0x1234'])('no code at all: %j', (typed) => {
    expect(stepOfCode(seed, typed, 0)).toBeUndefined();
  });
});

describe('QR codes', () => {
  /** What a camera sees: the dark squares of the drawing, 4 pixels each. */
  const photograph = (svg: string) => {
    const width = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
    const data = new Uint8Array(width * width * 4).fill(255);
    for (const [, x, y] of svg.matchAll(/M(\d+),(\d+)h4v4h-4z/g)) {
      for (let row = 0; row < 4; row += 1) {
        const start = (Number(y) + row) * width + Number(x);
        for (let pixel = start; pixel < start + 4; pixel += 1) data.fill(0, pixel * 4, pixel * 4 + 3);
      }
    }
    return { width, height: width, data };
  };

  const labels = ['a@x.test', `${'long.'.repeat(12)}name+tag@${'sub.'.repeat(30)}example.test`, 'jürg@x.test'];
  test.each(labels)('another library reads what is drawn: %s', (label) => {
    const secret = newSecret();
    const uri = otpauthUri(secret, { issuer: 'app.test', label });
    expect(decodeQR(photograph(qrSvg(uri)))).toBe(uri);
    const { protocol, host, pathname, searchParams } = new URL(uri);
    expect([protocol, host, decodeURIComponent(pathname)]).toEqual(['otpauth:', 'totp', `/app.test:${label}`]);
    expect([searchParams.get('secret'), searchParams.get('issuer')]).toEqual([secret, 'app.test']);
  });
});
