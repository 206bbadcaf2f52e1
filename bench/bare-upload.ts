import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';

let count = 0;

/** What a streaming upload is without anything around it: the same parser, a file, no look at anything. Its file goes at once. */
export const takeFile = async (request: IncomingMessage): Promise<void> => {
  count += 1;
  const target = path.join(process.env['STORAGE_DIR'] ?? '.', `bare-${count}`);
  const parser = new Busboy({ headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' } });
  const stored: Promise<void>[] = [];
  parser.on('file', (_field, stream) => void stored.push(pipeline(stream, createWriteStream(target))));
  await pipeline(request, parser);
  await Promise.all(stored);
  await rm(target);
};
