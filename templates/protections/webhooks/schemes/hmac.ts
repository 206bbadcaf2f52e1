import { parseJson } from '../../validation/json.ts';
import { type HeaderReader, type Scheme, jsonTypes, memberOf, textKey } from '../scheme.ts';

/** Where a message says something: in a header, or in a member of its body such as `meta.event`. */
export type Where = { readonly header: string } | { readonly member: string };

export interface HmacOptions {
  readonly signature: {
    readonly header: string;
    /** What stands before the signature, for example `sha256=`. */
    readonly prefix?: string;
    readonly encoding: 'hex' | 'base64';
    readonly algorithm?: 'sha256' | 'sha512';
  };
  /** What is signed, with `{body}`, and `{name}` for each header: `{x-acme-time}.{body}`. */
  readonly signs: string;
  /** The header with the time in seconds. It must stand in `signs`; absent where the sender signs no time. */
  readonly time?: string;
  readonly id: Where;
  readonly type: Where;
}

/**
 * A sender with a scheme of its own, as long as it is an HMAC over headers and body with the secret as the key.
 * @throws Error for a time that is not signed: whoever replays a message sets it anew (CWE-294).
 */
export const hmac = ({ signature, signs, time, id, type }: HmacOptions): Scheme => {
  const pieces = piecesOf(signs);
  const names = pieces.flatMap((piece) => (piece.kind === 'header' ? [piece.name] : []));
  if (pieces.filter(({ kind }) => kind === 'body').length !== 1) throw new Error('What is signed holds {body}, once.');
  if (time !== undefined && !names.includes(time)) throw new Error(`The time, ${time}, is not signed.`); // protect: Q482
  const { prefix = '', algorithm = 'sha256' } = signature;
  return {
    types: jsonTypes,
    algorithm,
    encoding: signature.encoding,
    keyOf: textKey,
    claimOf: (header, body) => {
      const sent = header(signature.header);
      if (sent?.startsWith(prefix) !== true || names.some((name) => header(name) === undefined)) return undefined;
      const signed = pieces.map((piece) => (piece.kind === 'body' ? body : piece.kind === 'header' ? (header(piece.name) ?? '') : piece.text));
      const claim = { signatures: [sent.slice(prefix.length)], signed };
      const sentAt = time === undefined ? undefined : header(time);
      return sentAt === undefined ? claim : { ...claim, sentAt };
    },
    read: (header, body) => {
      const content = parseJson(body);
      return { type: found(type, header, content) ?? '', id: found(id, header, content), idIsSigned: 'member' in id || names.includes(id.header), content };
    },
  };
};

type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'body' } | { readonly kind: 'header'; readonly name: string };

/** `{x-time}.{body}` as pieces. */
const piecesOf = (signs: string): readonly Piece[] =>
  signs.split(/(\{[\w-]+\})/).flatMap((part): Piece[] => {
    if (part === '') return [];
    if (part === '{body}') return [{ kind: 'body' }];
    return part.startsWith('{') && part.endsWith('}') ? [{ kind: 'header', name: part.slice(1, -1) }] : [{ kind: 'text', text: part }];
  });

const found = (where: Where, header: HeaderReader, content: unknown): string | undefined => {
  if ('header' in where) return header(where.header);
  const value = where.member.split('.').reduce(memberOf, content);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};
