import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OutboundError } from './outbound-error.ts';

/** The content coding that `readBody` undoes, for `accept-encoding`. */
export const acceptedCoding = 'gzip';

/**
 * Reads an answer up to `maxBytes`, counted behind the decompression: a kilobyte can unpack to a megabyte (CWE-409).
 * @throws OutboundError `too-large` as soon as it is, `unusable` for a content coding that nobody asked for.
 */
export const readBody = async (body: Readable, coding: string | undefined, maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded(body, coding)) {
    if (!Buffer.isBuffer(chunk)) throw new OutboundError('unusable');
    size += chunk.length;
    if (size > maxBytes) throw new OutboundError('too-large'); // protect: Q451, Q477
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

const decoded = (body: Readable, coding = 'identity'): Readable => {
  const name = coding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  // What fails is destroyed with its error, which reaches whoever reads.
  if (name === acceptedCoding) return pipeline(body, createGunzip(), () => undefined);
  throw new OutboundError('unusable', { cause: new Error('the content coding is not known') });
};
