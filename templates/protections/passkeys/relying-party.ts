import type { AppContext } from '#src/context.ts';

/** Who this app is to an authenticator. Both come from BASE_URL and never from a request. */
export interface RelyingParty {
  /** The host name, without port: what passkeys are bound to. */
  readonly id: string;
  /** Scheme, host and port: where a ceremony must have taken place. */
  readonly origin: string;
}

export const relyingPartyOf = ({ config }: Pick<AppContext, 'config'>): RelyingParty => {
  const { hostname, origin } = new URL(config.BASE_URL);
  return { id: hostname, origin };
};

/** COSE algorithms: EdDSA, ES256, RS256 (RFC 9053, RFC 8812). Named, so that an update of a library admits no others. */
export const algorithms: readonly number[] = [-8, -7, -257];

/** What an authenticator knows a user by: the id, which says nothing of the person. */
export const handleOf = (userId: string): Buffer<ArrayBuffer> => Buffer.from(userId.replaceAll('-', ''), 'hex');
