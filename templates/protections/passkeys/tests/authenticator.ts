import { type KeyObject, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { type Cbor, encodeCbor } from './cbor.ts';

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: Uint8Array): string => Buffer.from(data).toString('base64url');

/** What the app hands to the browser, as far as an authenticator looks at it. */
export interface Options {
  readonly challenge: string;
  /** The user of a registration, base64url. */
  readonly userHandle?: string;
}

/** What can be done wrong. Everything that is absent is done right. */
export interface Tricks {
  /** Where the page says that it stands. */
  readonly origin?: string;
  readonly rpId?: string;
  readonly crossOrigin?: boolean;
  readonly type?: string;
  readonly challenge?: string;
  /** The user was asked for nothing: no PIN, no finger. */
  readonly unverified?: boolean;
  /** Nobody touched the device. */
  readonly absent?: boolean;
  /** Says of itself that it is synchronised between devices. */
  readonly synced?: boolean;
  readonly counter?: number;
  readonly signedBy?: KeyObject;
  /** base64url; null leaves it out. */
  readonly userHandle?: string | null;
  readonly id?: Uint8Array;
  /** What the page says beside the attestation, base64url. */
  readonly publicKey?: string;
}

const presence = 0x01;
const verification = 0x04;
const eligible = 0x08;
const backedUp = 0x10;
const attested = 0x40;

/** An ES256 key pair, and the public half as authenticators write it (COSE, RFC 9053). */
export const newKeyPair = (): { readonly privateKey: KeyObject; readonly cose: Buffer } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const key = new Map<number, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ]);
  return { privateKey, cose: encodeCbor(key) };
};

/** An authenticator and its browser in one: makes a passkey and uses it, with attestation `none`. It counts, unless told not to. */
export class Authenticator {
  readonly id: Buffer = randomBytes(32);
  readonly keys = newKeyPair();
  readonly #origin: string;
  #counter = 0;
  #userHandle: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The id of the passkey, base64url. */
  get credentialId(): string {
    return base64url(this.id);
  }

  /** The answer to `navigator.credentials.create()`, as JSON. */
  create({ challenge, userHandle }: Options, tricks: Tricks = {}) {
    this.#userHandle = userHandle;
    const id = tricks.id ?? this.id;
    const length = Buffer.of(id.length >> 8, id.length & 0xff);
    const statement = Buffer.concat([Buffer.alloc(16), length, id, this.keys.cose]);
    const authData = Buffer.concat([this.#authenticatorData(attested, tricks), statement]);
    const attestation = encodeCbor(
      new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return {
      id: base64url(id),
      rawId: base64url(id),
      type: 'public-key',
      response: {
        clientDataJSON: base64url(this.#clientData('webauthn.create', challenge, tricks)),
        attestationObject: base64url(attestation),
        transports: ['internal', 'hybrid'],
        publicKeyAlgorithm: -7,
        authenticatorData: base64url(authData),
        ...(tricks.publicKey === undefined ? {} : { publicKey: tricks.publicKey }),
      },
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
    };
  }

  /** The answer to `navigator.credentials.get()`, as JSON. */
  get({ challenge }: Options, tricks: Tricks = {}) {
    const id = tricks.id ?? this.id;
    const clientData = this.#clientData('webauthn.get', challenge, tricks);
    const authenticatorData = this.#authenticatorData(0, tricks);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), tricks.signedBy ?? this.keys.privateKey);
    const userHandle = tricks.userHandle === undefined ? this.#userHandle : tricks.userHandle;
    return {
      id: base64url(id),
      rawId: base64url(id),
      type: 'public-key',
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(signature),
        ...(typeof userHandle === 'string' ? { userHandle } : {}),
      },
      clientExtensionResults: {},
    };
  }

  #clientData(type: string, challenge: string, tricks: Tricks): Buffer {
    const data = {
      type: tricks.type ?? type,
      challenge: tricks.challenge ?? challenge,
      origin: tricks.origin ?? this.#origin,
      crossOrigin: tricks.crossOrigin ?? false,
    };
    return Buffer.from(JSON.stringify(data));
  }

  #authenticatorData(flags: number, { rpId, unverified, absent, synced, counter }: Tricks): Buffer {
    this.#counter = counter ?? this.#counter + 1;
    const all = flags | (absent === true ? 0 : presence) | (unverified === true ? 0 : verification) | (synced === true ? eligible | backedUp : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.#counter);
    return Buffer.concat([sha256(rpId ?? new URL(this.#origin).hostname), Buffer.of(all), count]);
  }
}
