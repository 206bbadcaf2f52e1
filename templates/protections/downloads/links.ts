import { createHmac } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';
import { type OwnPath, ownPath } from '#src/protections/host-check/own-path.ts';
import type { Disposition } from './deliver.ts';

/** What a signed link is for: this file, for this user, shown like this, until then. */
export interface Link {
  readonly id: string;
  readonly user: string;
  readonly tenant?: string;
  /** Seconds since the epoch. */
  readonly expires: number;
  readonly disposition: Disposition;
}

export const linkPath = '/downloads';

const sign = ({ services }: AppContext, { id, user, tenant, expires, disposition }: Link): string =>
  createHmac('sha256', services.keys.hmacKey('downloads.link')).update(JSON.stringify([id, user, tenant ?? null, expires, disposition])).digest('base64url'); // protect: Q475 ([id, user, tenant ?? null, expires, disposition] -> [])

export interface SignedLink {
  readonly origin: string;
  readonly path: OwnPath;
  readonly expiresAt: string;
}

/** An address that hands out one file without a session: for a while, and as long as `actor` may read it. */
export const signedLink = (app: AppContext, actor: Actor, given: { readonly id: string; readonly disposition: Disposition }): SignedLink => {
  const { config, clock } = app;
  const expires = Math.floor(clock.now() / 1000) + config.DOWNLOAD_LINK_SECONDS;
  const link = { ...given, user: actor.id, ...(actor.tenant === undefined ? {} : { tenant: actor.tenant }), expires };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...link, signature: sign(app, link) })) if (name !== 'id') query.set(name, String(value));
  return { origin: config.DOWNLOAD_ORIGIN ?? config.BASE_URL, path: ownPath(`${linkPath}/${given.id}?${query.toString()}`), expiresAt: new Date(expires * 1000).toISOString() };
};

/**
 * Checks a link as it came back.
 * @throws Problem 403 when anything of it was changed, or its time is over.
 */
export const assertSigned = (app: AppContext, link: Link, signature: string): void => {
  const isSigned = safeEqual(signature, sign(app, link));
  const isOver = link.expires * 1000 <= app.clock.now();
  if (!isSigned) throw new Problem(403); // protect: Q475
  if (isOver) throw new Problem(403); // protect: Q475
};
