import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type';
import { Problem } from '../app-core/problem.ts';
import { extensionOf } from './display-name.ts';
import type { FileType } from './file-types.ts';

/** As much as the signature of a type needs, bytes. */
export const headLength = 4100;

const zip = 'application/zip';

const refused = (): Problem => new Problem(415, { detail: 'Files of this type are not taken.', extensions: { code: 'file_type' } });

/**
 * Looks at the first bytes, so that what will be refused is not received to its end. Office documents are zip files as far as
 * this can see.
 * @throws Problem 415.
 */
export const assertAcceptableHead = async (head: Uint8Array, allowed: readonly FileType[]): Promise<void> => {
  const found = await fileTypeFromBuffer(head);
  const isKnown = found !== undefined && allowed.some(({ mime, inspection }) => mime === found.mime || (inspection === 'archive' && found.mime === zip));
  if (!isKnown) throw refused(); // protect: Q478
};

export interface Claim {
  readonly name: string;
  /** The media type that the client declared. */
  readonly declared: string;
}

/**
 * The type of a file: its bytes, its extension and what the client declared must agree, since each of them is what somebody
 * goes by (CWE-434).
 * @throws Problem 415 for a type that is not let in, 422 for one that is something else than it says.
 */
export const typeOf = async (path: string, { name, declared }: Claim, allowed: readonly FileType[]): Promise<FileType> => {
  const found = await fileTypeFromFile(path);
  const type = allowed.find(({ mime }) => mime === found?.mime);
  if (type === undefined) throw refused(); // protect: Q478
  const disagrees = (rule: string): Problem => new Problem(422, { detail: 'The file is not what its name and its type say.', extensions: { code: 'file_type', rule } });
  if (!type.extensions.includes(extensionOf(name))) throw disagrees('extension'); // protect: Q478
  if (declared.toLowerCase() !== type.mime) throw disagrees('declared'); // protect: Q478
  return type;
};
