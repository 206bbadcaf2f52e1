import { Readable } from 'node:stream';
import type { Logger } from 'pino';

/**
 * The pieces of an answer as a stream. They are made no faster than they are sent, and no more when the client leaves.
 * Resolves with the first piece at hand, so that what fails before it is answered like every failure. One that comes later
 * is logged here: its status was sent long ago, and all that is left is to break the connection off.
 */
export const streamOf = async (pieces: AsyncIterable<string | Uint8Array>, log: Logger): Promise<Readable> => {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  return Readable.from(following(first, iterator, log), { objectMode: false });
};

type Piece = string | Uint8Array;

async function* following(first: IteratorResult<Piece, unknown>, iterator: AsyncIterator<Piece>, log: Logger): AsyncGenerator<Piece> {
  try {
    for (let piece = first; piece.done !== true; piece = await iterator.next()) yield piece.value;
  } catch (error) {
    log.error({ err: error }, 'an answer broke off');
    throw error;
  } finally {
    await iterator.return?.();
  }
}
