import type { IncomingMessage } from 'node:http';
import type { AppContext } from '#src/context.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import { extendedParameter } from '../request-hygiene/header-value.ts';
import { displayNameOf } from '../uploads/display-name.ts';
import { fileTypes } from '../uploads/file-types.ts';
import type { StorageKey } from '#src/services/storage/key.ts';
import { rangeOf } from './range.ts';
import type { ReadableFile } from './shared-files.ts';

export type Disposition = 'attachment' | 'inline';

export interface Delivery {
  readonly file: ReadableFile;
  readonly key: StorageKey;
  /** What was asked for: only an image that was made anew is ever shown. */
  readonly disposition: Disposition;
  /** For an origin that serves nothing but files: pages of ours may show what comes from there. */
  readonly embeddable: boolean;
}

const isImage = (type: string): boolean => fileTypes.some(({ mime, inspection }) => mime === type && inspection === 'image');

/** A type of the list, else bytes: what is stored says what was sent, and a browser runs what it believes (CWE-434). */
const safeType = (type: string): string => (fileTypes.some(({ mime }) => mime === type) ? type : 'application/octet-stream'); // protect: Q408 (fileTypes.some(({ mime }) => mime === type) ? type : 'application/octet-stream' -> type)

/**
 * `Content-Disposition` with a name that is one name (RFC 6266, RFC 8187): no path, no line end, nothing that turns the direction of
 * the text, whatever the row says.
 */
export const contentDisposition = (disposition: Disposition, name: string): string => {
  const shown = displayNameOf(name); // protect: Q408 (displayNameOf(name) -> name)
  return `${disposition}; ${extendedParameter('filename', shown === '' ? 'file' : shown)}`;
};

const headersOf = ({ file, disposition, embeddable }: Delivery): Record<string, string> => {
  const shown = disposition === 'inline' && isImage(file.type) ? 'inline' : 'attachment'; // protect: Q408 (disposition === 'inline' && isImage(file.type) ? 'inline' : 'attachment' -> disposition)
  return {
    'content-disposition': contentDisposition(shown, file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'", // protect: Q408
    'cross-origin-resource-policy': embeddable ? 'cross-origin' : 'same-origin', // protect: Q408
    // The browser may keep it, and must ask each time whether it still may be shown; nobody in between may keep it.
    'cache-control': 'private, no-cache', // protect: Q408
    'accept-ranges': 'bytes',
    etag: etagOf(file),
  };
};

/** A file never changes under its id. */
const etagOf = ({ id }: ReadableFile): string => `"${id}"`;

const lists = (header: string | undefined, etag: string): boolean =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag));

/**
 * Answers with a file or a part of it. It is read while it is sent, and not at all for HEAD.
 * @throws Problem 416.
 */
export const deliver = ({ services }: AppContext, { headers: asked }: IncomingMessage, delivery: Delivery): Reply<never> => {
  const { file, key } = delivery;
  const headers = headersOf(delivery);
  const etag = etagOf(file);
  if (lists(asked['if-none-match'], etag)) return { status: 304, headers };
  // `If-Range`: a part only of the very file that the client has begun with.
  const continues = asked['if-range'] === undefined || asked['if-range'] === etag;
  const range = continues ? rangeOf(asked.range, file.size) : undefined;
  const length = range === undefined ? file.size : range.last - range.first + 1;
  const part = range === undefined ? {} : { 'content-range': `bytes ${range.first}-${range.last}/${file.size}` };
  return {
    status: range === undefined ? 200 : 206,
    headers: { ...headers, ...part, 'content-length': String(length) },
    text: { type: safeType(file.type), text: services.storage.read(key, range) },
  };
};
