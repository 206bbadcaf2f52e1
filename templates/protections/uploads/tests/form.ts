import { randomUUID } from 'node:crypto';
import { type Received, send } from '#tests/support/http.ts';
import { type TestApp, as } from '#tests/support/app.ts';

/** One part of a form. */
export interface Part {
  /** The name of the field; `file` unless said. */
  readonly field?: string;
  /** As it stands in the head of the part; absent: a field without a file name. */
  readonly name?: string;
  readonly type?: string;
  readonly bytes: Uint8Array | string;
  /** More lines for the head of the part. */
  readonly head?: string;
}

export const boundary = 'boundary-of-the-tests';

export const formType = `multipart/form-data; boundary=${boundary}`;

const headOf = ({ field = 'file', name, type, head = '' }: Part): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${field}"${name === undefined ? '' : `; filename="${name}"`}\r\n${type === undefined ? '' : `content-type: ${type}\r\n`}${head}\r\n`;

/** What stands before the bytes of a single part, and behind them. */
export const framesOf = (part: Omit<Part, 'bytes'>): readonly [before: string, after: string] => [headOf({ ...part, bytes: '' }), `\r\n--${boundary}--\r\n`];

/** A body of these parts. */
export const formOf = (...parts: readonly Part[]): Buffer =>
  Buffer.concat([...parts.flatMap((part) => [Buffer.from(headOf(part)), Buffer.from(part.bytes), Buffer.from('\r\n')]), Buffer.from(`--${boundary}--\r\n`)]);

/** Headers of somebody whom no other test knows. */
export const somebody = (): Record<string, string> => as(randomUUID());

/** Sends a form of these parts. */
export const upload = (app: TestApp, headers: Readonly<Record<string, string>>, ...parts: readonly Part[]): Promise<Received> =>
  send(app, 'POST', '/api/v1/files', { headers: { 'content-type': formType, ...headers }, body: formOf(...parts) });
