import sharp from 'sharp';

// Makes images anew from their pixels. It runs beside the app (src/protections/file-permissions/companion.ts): a flaw in a
// decoder is found by somebody every year, and here it finds no data, no secret and nothing to write to.

/** Loaders of formats that are not let in are closed: each is a parser of its own (CWE-434). */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
sharp.cache(false);
sharp.concurrency(1);

type Format = 'jpeg' | 'png' | 'webp';

interface Work {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly format: Format;
  readonly maxPixels: number;
}

const isWork = (message: unknown): message is Work =>
  typeof message === 'object' && message !== null && 'id' in message && 'bytes' in message && message.bytes instanceof Uint8Array;

/** Upright, in the same format, without what else stood in the file: metadata, a second image, text behind the end. */
const remake = ({ bytes, format, maxPixels }: Work): Promise<Buffer> => {
  const image = sharp(bytes, {
    limitInputPixels: maxPixels, // protect: Q478 (maxPixels -> false)
    failOn: 'warning', // protect: Q478 ('warning' -> 'none')
    sequentialRead: true,
  });
  return image.autoOrient().toFormat(format).toBuffer();
};

process.on('message', (message: unknown) => {
  if (!isWork(message)) return;
  const { id } = message;
  remake(message).then(
    (bytes) => process.send?.({ id, bytes }),
    (error: unknown) => process.send?.({ id, refused: error instanceof Error ? error.message : 'unknown' }),
  );
});
