import Handlebars from 'handlebars';
import type { RenderProse } from '../../src/catalogue.ts';
import { handlebarsOptions, registerHelpers } from '../../src/render/handlebars.ts';

/** Renders templates from their source; the built tool has them precompiled. */
export const proseFromSources = (sources: ReadonlyMap<string, string>): RenderProse => {
  const handlebars = Handlebars.create();
  registerHelpers(handlebars);
  const compiled = new Map([...sources].map(([key, source]) => [key, handlebars.compile(source, handlebarsOptions)]));
  return (key, context) => {
    const template = compiled.get(key);
    if (template === undefined) throw new Error(`There is no template ${key}.`);
    return template(context);
  };
};
