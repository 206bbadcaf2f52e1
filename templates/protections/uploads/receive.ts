import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyConfig, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { Problem } from '../app-core/problem.ts';
import type { FileType } from './file-types.ts';
import { assertAcceptableHead, headLength } from './sniff.ts';

export interface ReceiveLimits {
  /** The largest file, bytes. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly allowed: readonly FileType[];
}

/** What a client said of its file. */
export interface Received {
  /** As it was sent: it may hold a path, and anything else. */
  readonly name: string;
  readonly declared: string;
  readonly size: number;
}

/** What a body may hold besides the file: boundaries, the head of the part, bytes. */
const overhead = 65_536;

const tooLarge = ({ maxBytes }: ReceiveLimits): Problem =>
  new Problem(413, { detail: `A file has at most ${maxBytes} bytes.`, extensions: { code: 'file_size', maxBytes }, close: true });
const unusable = (detail: string, rule: string, status = 422): Problem => new Problem(status, { detail, extensions: { code: 'file_form', rule }, close: true });

/**
 * Looks at the head of a request, before a byte of its body is read.
 * @throws Problem 415 for another type than a form; 413 for a length that is too large.
 */
export const assertForm = ({ headers }: IncomingMessage, limits: ReceiveLimits): void => {
  if (!/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '')) throw unusable('Send the file as multipart/form-data.', 'media-type', 415);
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes + overhead) throw tooLarge(limits); // protect: Q478
};

const parserFor = ({ headers }: IncomingMessage, { maxBytes }: ReceiveLimits): BusboyInstance => {
  const options: BusboyConfig = {
    headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
    preservePath: true,
    limits: { files: 1, fields: 0, fileSize: maxBytes, headerPairs: 20, headerSize: 16_384 },
  };
  try {
    return new Busboy(options);
  } catch {
    throw unusable('The body names no boundary.', 'multipart', 400);
  }
};

/**
 * Receives a body of one file part named `file` into `handle`, piece by piece: its size is no size of memory. The handle is
 * closed afterwards.
 * @throws Problem 400, 408, 413, 415 or 422; whatever it was, nothing writes to the file any more.
 */
export const receiveFile = async (request: IncomingMessage, handle: FileHandle, limits: ReceiveLimits): Promise<Received> => {
  try {
    return await receive(request, handle, limits);
  } finally {
    await handle.close();
  }
};

const receive = async (request: IncomingMessage, handle: FileHandle, limits: ReceiveLimits): Promise<Received> => {
  const parser = parserFor(request, limits);
  let storing: Promise<Received> | undefined;
  let part: BusboyFileStream | undefined;
  let total = 0;

  const { promise: parsed, resolve, reject } = Promise.withResolvers<void>();
  parser.on('file', (field, stream, name, _encoding, declared) => {
    part = stream;
    stream.on('limit', () => reject(tooLarge(limits))); // protect: Q478
    if (field !== 'file' || storing !== undefined) return reject(unusable('The file stands in one part named file.', 'parts', 413));
    storing = store(stream, handle, limits).then((size) => ({ name, declared, size }));
    storing.catch(reject);
  });
  parser.on('filesLimit', () => reject(unusable('One file at a time.', 'parts', 413)));
  parser.on('fieldsLimit', () => reject(unusable('The body holds a file and nothing else.', 'parts'))); // protect: Q478
  parser.on('error', () => reject(unusable('The body is not well formed.', 'multipart', 400)));
  parser.on('finish', resolve);
  // Also what stands before, between and behind the parts counts: nothing else would end it.
  request.on('data', ({ length }: Buffer) => {
    total += length;
    if (total > limits.maxBytes + overhead) reject(tooLarge(limits)); // protect: Q478
  });
  request.once('error', () => reject(unusable('The body ended too early.', 'truncated', 400)));
  const tooSlow = (): void => reject(new Problem(408, { detail: 'The file took too long to arrive.', close: true }));
  const timer = setTimeout(tooSlow, limits.timeoutMs); // protect: Q478 (limits.timeoutMs -> 2_147_483_647)

  if (request.destroyed) reject(unusable('The body ended too early.', 'truncated', 400));
  else request.pipe(parser);
  try {
    await parsed;
    if (storing === undefined) throw unusable('The body holds no part named file.', 'parts');
    return await storing;
  } catch (error) {
    request.unpipe(parser);
    request.resume();
    part?.destroy();
    throw request.complete ? error : ending(error);
  } finally {
    clearTimeout(timer);
    await storing?.catch(() => undefined);
  }
};

/** The rest of the body is not worth reading: the connection ends with the answer. */
const ending = (error: unknown): unknown => {
  if (!(error instanceof Problem) || error.close) return error;
  const { status, message: detail, extensions, headers } = error;
  return new Problem(status, { detail, extensions, headers, close: true });
};

/** As much is written at once, bytes; as much again comes in meanwhile. */
const batchBytes = 524_288;

/** Writes a part into a file, and looks at its first bytes as soon as they are there: what is not taken is not received to its end. */
const store = async (part: BusboyFileStream, handle: FileHandle, { allowed }: ReceiveLimits): Promise<number> => {
  const file = new BatchedFile(handle);
  let head: Buffer | undefined = Buffer.alloc(0);
  await pipeline(part, async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      if (head !== undefined) head = Buffer.concat([head, piece]);
      if (head !== undefined && head.length >= headLength) {
        await assertAcceptableHead(head, allowed);
        head = undefined;
      }
      await file.add(piece);
    }
    if (head !== undefined) await assertAcceptableHead(head, allowed);
    await file.finish();
  });
  return file.size;
};

/** Writes many small pieces as few large ones. */
class BatchedFile {
  size = 0;
  readonly #handle: FileHandle;
  #batch: Buffer[] = [];
  #waiting = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Resolves when there is room for more. @throws Error when the disk is full. */
  async add(piece: Buffer): Promise<void> {
    this.size += piece.length;
    this.#waiting += piece.length;
    this.#batch.push(piece);
    if (this.#waiting >= batchBytes) await this.#write();
  }

  /** Resolves when everything is written. @throws Error when the disk is full. */
  async finish(): Promise<void> {
    await this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    await this.#writing;
    const [batch, length] = [this.#batch, this.#waiting];
    this.#batch = [];
    this.#waiting = 0;
    this.#writing = this.#writeWhole(batch, length);
    // Whoever adds the next piece hears of it.
    this.#writing.catch(() => undefined);
  }
  async #writeWhole(batch: readonly Buffer[], length: number): Promise<void> {
    const { bytesWritten } = await this.#handle.writev(batch);
    if (bytesWritten !== length) throw new Error('The disk is full.');
  }
}
