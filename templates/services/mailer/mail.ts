/** A mail of plain text to one person. */
export interface Mail {
  /** One address, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Whom an answer goes to, where that is not the sender: one address, without a name. */
  readonly replyTo?: string;
}

/** Who a mail comes from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** What a field of a mail holds would reach somebody else, or say something else, than it seems to. */
export class UnsafeMailError extends Error {
  constructor(field: keyof Mail | 'from', reason: string) {
    super(`A mail was refused: its field \`${field}\` ${reason}.`);
    this.name = 'UnsafeMailError';
  }
}

/** Whatever could end an address and begin another, or a header (CWE-93): none of it is needed in an address people use. */
const oneAddress = /^[^\s\p{Cc}\p{Zl}\p{Zp}@<>(),:;"[\]\\]{1,64}@[^\s\p{Cc}\p{Zl}\p{Zp}@<>(),:;"[\]\\]{1,253}$/u;
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** A text may have lines and tabs. */
const controlInText = /[^\P{Cc}\t\n\r]/u;

const longestAddress = 254;
/** A header line may have 998 octets (RFC 5322 section 2.1.1); people read far less. */
const longestSubject = 200;
const longestText = 100_000;

const isOneAddress = (text: string): boolean => text.length <= longestAddress && oneAddress.test(text);

/**
 * Sees to it that a mail goes to one address and has the headers it seems to have.
 * @throws UnsafeMailError that names the field, never its value.
 */
export const assertSafeMail = ({ to, subject, text, replyTo }: Mail): void => {
  if (!isOneAddress(to)) throw new UnsafeMailError('to', 'is not exactly one address');
  if (replyTo !== undefined && !isOneAddress(replyTo)) throw new UnsafeMailError('replyTo', 'is not exactly one address');
  if (control.test(subject)) throw new UnsafeMailError('subject', 'has a line break or another control character');
  if (subject.length > longestSubject) throw new UnsafeMailError('subject', `is longer than ${longestSubject} characters`);
  if (controlInText.test(text)) throw new UnsafeMailError('text', 'has a control character');
  if (text.length > longestText) throw new UnsafeMailError('text', `is longer than ${longestText} characters`);
};

/**
 * Reads MAIL_FROM: `no-reply@app.example` or `The app <no-reply@app.example>`.
 * @throws UnsafeMailError when it is neither.
 */
export const parseSender = (from: string): Sender => {
  const [, name = '', inBrackets] = /^([^<>]*)<([^<>]*)>$/.exec(from) ?? [];
  const address = (inBrackets ?? from).trim();
  if (!oneAddress.test(address) || control.test(name)) throw new UnsafeMailError('from', 'is not an address, or a name and <an address>');
  return { name: name.trim().replaceAll(/^"|"$/g, ''), address };
};
