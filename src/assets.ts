import type { Catalogue, RenderProse } from './catalogue.ts';

/** What the build makes of `templates/`; loaded when it is needed. */
export interface Assets {
  catalogue(): Catalogue;
  prose(): RenderProse;
}
