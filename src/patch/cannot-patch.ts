import { Refusal } from '../errors.ts';
import type { Paste } from './outcome.ts';

/** Source of somebody else that cannot be patched safely: nothing is written, and this is what to put in by hand. */
export class CannotPatch extends Refusal {
  readonly paste: readonly Paste[];

  constructor(why: string, paste: readonly Paste[]) {
    super(`${why}. Nothing was written. Put this in by hand, and run this again:`, paste.map(({ file, where, text }) => `${file}, ${where}:\n\n${text.replace(/^/gm, '    ')}\n`).join('\n'));
    this.name = 'CannotPatch';
    this.paste = paste;
  }
}
