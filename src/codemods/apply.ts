import { Refusal } from '../errors.ts';
import type { Put } from '../merge/tree.ts';
import type { Rename } from '../notes.ts';
import { renameExports } from './rename-exports.ts';

/**
 * Follows renamed exports through the code of a project as it will be after a change.
 * @param code texts by path, as they are on disk.
 * @returns what is to be put besides; the files that the change puts already are put with their renames.
 * @throws Refusal that lists every place that cannot be followed.
 */
export const followRenames = (renames: readonly Rename[], code: ReadonlyMap<string, string>, puts: ReadonlyMap<string, Put>): ReadonlyMap<string, Put> => {
  const followed = new Map<string, Put>();
  const lost: string[] = [];
  for (const [path, onDisk] of code) {
    const put = puts.get(path);
    const outcome = renameExports(path, put?.text ?? onDisk, renames);
    if (outcome.kind === 'applied') followed.set(path, { ...put, text: outcome.text, before: put === undefined ? onDisk : put.before });
    if (outcome.kind === 'cannot') lost.push(...outcome.paste.map(({ file, where, text }) => `${file}, ${where}:\n    ${text}`));
  }
  if (lost.length > 0) throw new Refusal(`Exports have another name in the new version, and these places reach them in a way that cannot be followed. Import them by name there; the upgrade then renames them, too. Nothing was changed.\n  ${lost.join('\n  ')}`);
  return followed;
};
