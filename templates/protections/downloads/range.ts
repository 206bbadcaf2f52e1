import { Problem } from '../app-core/problem.ts';
import type { ByteRange } from '#src/services/storage/storage.ts';

/**
 * The part of a file that a `Range` header asks for (RFC 9110 section 14); undefined for all of it. Units that are not known are
 * ignored, as the RFC wants it.
 * @throws Problem 416 for a part that does not exist, and for several: a thousand small ones cost far more than the file.
 */
export const rangeOf = (header: string | undefined, size: number): ByteRange | undefined => {
  if (header === undefined || !/^bytes\s*=/i.test(header)) return undefined;
  const [, first = '', last = ''] = /^bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header) ?? unsatisfiable(size); // protect: Q408 (unsatisfiable(size) -> ['', '0', ''])
  if (first === '') return suffix(last, size);
  const range = { first: Number(first), last: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
  return range.first > range.last ? unsatisfiable(size) : range;
};

/** The last bytes. */
const suffix = (length: string, size: number): ByteRange =>
  length === '' || Number(length) === 0 || size === 0 ? unsatisfiable(size) : { first: Math.max(0, size - Number(length)), last: size - 1 };

const unsatisfiable = (size: number): never => {
  throw new Problem(416, { headers: { 'content-range': `bytes */${size}`, 'accept-ranges': 'bytes' } });
};
