import type { Catalogue, RenderProse } from './catalogue.ts';
import type { Doctors } from './doctor/check.ts';
import type { Notes } from './notes.ts';

/** What the build makes of `templates/`; loaded when it is needed. */
export interface Assets {
  catalogue(): Catalogue;
  prose(): RenderProse;
  /** What changed in the parts, by version. */
  notes(): Notes;
  /** What `doctor` checks, by protection. */
  doctors(): Doctors;
}
