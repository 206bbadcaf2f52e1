import { type Entry, type ZipFile, openPromise } from 'yauzl';
import { Problem } from '../../app-core/problem.ts';

/** What an archive may unpack to: entries, and bytes of all of them together. */
export interface ArchiveLimits {
  readonly entries: number;
  readonly bytes: number;
}

export const archiveLimits: ArchiveLimits = { entries: 2_000, bytes: 104_857_600 };

const refused = (rule: string): Problem => new Problem(422, { detail: 'The archive cannot be taken.', extensions: { code: 'archive', rule } });

const unsafeName = /^\/|\\|:|(?:^|\/)\.\.(?:\/|$)|[\0-\x1f\x7f]/;

/** True for a name that leads out of where it is unpacked, on any system (CWE-22): absolute, with a drive, a backslash, `..`, controls. */
export const leadsOut = (name: string): boolean => unsafeName.test(name);

/** Archives within archives: each would have to be looked into again. */
const packed = /^(?:PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh|\xfd7zXZ\0|7z\xbc\xaf|Rar!)/;

const fileKind = 0o170000;
const plainFile = 0o100000;
const folder = 0o040000;

const isPlain = ({ externalFileAttributes }: Entry): boolean => [0, plainFile, folder].includes((externalFileAttributes >>> 16) & fileKind);

/**
 * Looks into a zip file without unpacking it anywhere: counts what its entries really hold, as it is read, and stops at the
 * limit (CWE-409).
 * @throws Problem 422 for links, names that lead elsewhere, encrypted entries, other archives inside, too much of anything.
 */
export const inspectArchive = async (path: string, limits: ArchiveLimits = archiveLimits): Promise<void> => {
  const zip = await opened(path);
  try {
    if (zip.entryCount > limits.entries) throw refused('entries'); // protect: Q478
    const entries = await entriesOf(zip);
    // What they declare first: a bomb that is honest about its size costs nothing then, also where entries share their bytes.
    const declared = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (declared > limits.bytes) throw refused('size'); // protect: Q478
    for (const entry of entries) await inspectEntry(zip, entry);
  } catch (error) {
    throw error instanceof Problem ? error : refused('format');
  } finally {
    zip.close();
  }
};

const opened = async (path: string): Promise<ZipFile> => {
  try {
    return await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true }); // protect: Q478 (validateEntrySizes: true -> validateEntrySizes: false)
  } catch {
    throw refused('format');
  }
};

const entriesOf = async (zip: ZipFile): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
};

const inspectEntry = async (zip: ZipFile, entry: Entry): Promise<void> => {
  if (leadsOut(entry.fileNameRaw.toString('latin1'))) throw refused('name'); // protect: B3
  if (!isPlain(entry)) throw refused('link'); // protect: Q478
  let head = '';
  // Read to its end: an entry that holds more than it declares fails on the way.
  for await (const piece of await zip.openReadStreamPromise(entry)) {
    if (head.length < 8 && piece instanceof Uint8Array) head += Buffer.from(piece.subarray(0, 8)).toString('latin1');
  }
  if (packed.test(head)) throw refused('nested'); // protect: Q478
};
