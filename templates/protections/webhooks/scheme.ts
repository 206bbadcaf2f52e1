/** One header of a message; undefined when it is absent or came more than once. */
export type HeaderReader = (name: string) => string | undefined;

/** What the head of a message claims. None of it is believed before one of its signatures is found to be right. */
export interface Claim {
  /** As many as came, written as the sender writes them. */
  readonly signatures: readonly string[];
  /** What the sender signed, piece by piece, to the byte. */
  readonly signed: readonly (string | Uint8Array)[];
  /** Seconds since the epoch, one of the signed pieces; absent where the scheme signs no time. */
  readonly sentAt?: string;
}

/** What a verified message says. */
export interface Message {
  /** What happened, in the words of the sender. */
  readonly type: string;
  /** Undefined when the message has none: then what was signed stands for it. */
  readonly id: string | undefined;
  /** Whether the signature covers the id. If not, anybody can give a message that they recorded a new one. */
  readonly idIsSigned: boolean;
  /** The body as data. */
  readonly content: unknown;
}

/** How one sender signs its messages, and where in them it says what. */
export interface Scheme {
  /** The media types of its messages. */
  readonly types: RegExp;
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** The key that a secret stands for. @throws RangeError for a secret that is none of this scheme. */
  keyOf(secret: string): Uint8Array;
  /** Undefined for a message that is not signed at all, or not as the scheme says. */
  claimOf(header: HeaderReader, body: Buffer): Claim | undefined;
  /** Reads a body that is known to be genuine. @throws Problem 400 or 422 when it is unusable all the same. */
  read(header: HeaderReader, body: Buffer): Message;
  /** What the sender wants to be answered at once to messages that prepare others. */
  answerTo?(message: Message): string | undefined;
}

export const jsonTypes = /^application\/json\s*(?:;|$)/;

/** A member of a body that nobody has looked at yet. */
export const memberOf = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  return member;
};

/** A member that is a text. */
export const textOf = (value: unknown, name: string): string | undefined => {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : undefined;
};

const leastSecretBytes = 16;

/** Most senders take the secret itself for the key. @throws RangeError for a short one: it can be guessed from one message. */
export const textKey = (secret: string): Uint8Array => atLeast(Buffer.from(secret, 'utf8'));

/** @throws RangeError for a key that can be guessed from one message, such as an empty one. */
export const atLeast = (key: Buffer): Buffer => {
  if (key.length < leastSecretBytes) throw new RangeError(`A secret of a webhook has ${leastSecretBytes} bytes or more.`); // protect: Q482
  return key;
};
