import { generateSecret, generateURI, verifySync } from 'otplib';

/** How long a code is shown, in seconds (ASVS V6.5.5: 30 at most). */
const periodSeconds = 30;

/** A secret of 160 random bits, base32 (RFC 4226 section 4, R6). */
export const newSecret = (): string => generateSecret({ length: 20 });

/** What an authenticator app reads from the QR code: SHA-1, 6 digits, 30 seconds, the only settings that all of them know. */
export const otpauthUri = (secret: string, { issuer, label }: { readonly issuer: string; readonly label: string }): string =>
  generateURI({ issuer, label, secret });

/**
 * The time step whose code was shown: the one of `now`, or a neighbour of it, for clocks that are a little off
 * (RFC 6238 section 5.2). Whether a code of that step was used before is not asked here.
 * @param typed six digits, blanks between them do not count.
 * @param now ms since the epoch, by the clock of this server and nobody else's (ASVS V6.5.8).
 * @returns undefined for a wrong code.
 */
export const stepOfCode = (secret: string, typed: string, now: number): number | undefined => {
  const token = typed.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const result = verifySync({ secret, token, epoch: Math.floor(now / 1000), period: periodSeconds, epochTolerance: periodSeconds });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
};
