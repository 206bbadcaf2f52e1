import { readFile, rm, stat } from 'node:fs/promises';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { newQuarantineFile } from '#src/services/storage/quarantine.ts';
import type { FileType } from './file-types.ts';
import { type ImageFormat, decoderOf } from './images/decoder.ts';
import { inspectArchive } from './inspect/archive.ts';
import { inspectPdf } from './inspect/pdf.ts';

/** A file that may be let out. */
export interface Examined {
  readonly path: string;
  readonly size: number;
}

/** The largest file that is read as an image, bytes. */
const mostImageBytes = 33_554_432;

const formats: Readonly<Record<string, ImageFormat>> = { 'image/jpeg': 'jpeg', 'image/png': 'png', 'image/webp': 'webp' };

/**
 * Looks into a file by its type. An image is made anew from its pixels: what else was in it stays behind (CWE-434), with
 * everything that it told of where it was taken (ASVS V14.2.8).
 * @throws Problem 422 for what is broken, hides something or grows too large.
 */
export const examine = async (app: AppContext, path: string, { mime, inspection }: FileType): Promise<Examined> => {
  if (inspection === 'image') return remade(app, path, mime); // protect: Q478
  if (inspection === 'pdf') await inspectPdf(path); // protect: Q478
  if (inspection === 'archive') await inspectArchive(path); // protect: Q478
  return { path, size: (await stat(path)).size };
};

const remade = async (app: AppContext, path: string, mime: string): Promise<Examined> => {
  if ((await stat(path)).size > mostImageBytes) throw new Problem(422, { detail: `An image has at most ${mostImageBytes} bytes.`, extensions: { code: 'image' } });
  const format = formats[mime];
  if (format === undefined) throw new Error(`Nothing makes ${mime} anew.`);
  const bytes = await decoderOf(app).remake({ load: () => readFile(path), format, maxPixels: app.config.UPLOAD_MAX_PIXELS });
  const { path: made, handle } = await newQuarantineFile(app.services.storage.quarantine, app.clock.now());
  try {
    await handle.writeFile(bytes);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return { path: made, size: bytes.length };
};
