import { createHmac } from 'node:crypto';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { readCookie, sendCookie } from '#src/protections/sessions/cookie.ts';
import type { Given } from '#src/protections/sessions/given.ts';

const cookie = 'known';
const dayMs = 86_400_000;
/** How long a browser is remembered. */
const rememberedDays = 90;
const timeBytes = 6;
const macBytes = 26;

/** Belongs to one address: on another account it opens no shorter line. */
const macOf = ({ services }: Pick<Given['app'], 'services'>, address: string, time: Uint8Array): Buffer =>
  createHmac('sha256', services.keys.hmacKey('password.known-device')).update(time).update(address).digest().subarray(0, macBytes);

/** Remembers that somebody signed in to `address` with this browser. The cookie proves nothing else, and opens nothing. */
export const rememberDevice = (given: Given, address: string): void => {
  const time = Buffer.alloc(timeBytes);
  time.writeUIntBE(given.app.clock.now(), 0, timeBytes);
  const value = Buffer.concat([time, macOf(given.app, address, time)]).toString('base64url');
  sendCookie(given, cookie, value, { maxAge: (rememberedDays * dayMs) / 1000 });
};

/**
 * The cookie of a browser with which somebody signed in to `address` before; undefined for every other one. While strangers guess
 * at an account, its owner is let through (OWASP Credential Stuffing Prevention, device cookies).
 */
export const knownDevice = (given: Given, address: string): string | undefined => {
  const value = readCookie(given, cookie);
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64url');
  const [time, mac] = [bytes.subarray(0, timeBytes), bytes.subarray(timeBytes)];
  if (!safeEqual(mac, macOf(given.app, address, time))) return undefined; // protect: Q435, Q405
  return given.app.clock.now() - time.readUIntBE(0, timeBytes) < rememberedDays * dayMs ? value : undefined;
};
