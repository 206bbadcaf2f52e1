import Handlebars from 'handlebars';
import { handlebarsOptions } from '../../src/render/handlebars.ts';

/** JSON in nothing but ASCII: read and parsed at half the time and memory of a text with a single wider character. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `dist/assets.js`: reads what the build made of `templates/`, each part when it is asked for. */
export const assetsModule = `'use strict';
const { readFileSync } = require('node:fs');
exports.catalogue = () => JSON.parse(readFileSync(require.resolve('./catalogue.json'), 'latin1'));
exports.prose = () => require('./prose.js').renderProse;
`;

/** `dist/plopfile.js`: the verbs as plop generators, for `plop --plopfile` and `plop.load`. */
export const plopfileModule = `'use strict';
const { register } = require('./generators.js');
module.exports = (plop) => register(plop, require('./assets.js'));
`;

const precompiled = (source: string): string => {
  const code: unknown = Handlebars.precompile(source, handlebarsOptions);
  if (typeof code !== 'string') throw new Error('Handlebars gave no code.');
  return code;
};

/** The compiled Handlebars templates with their runtime, as a module that exports `renderProse`. */
export const proseModule = (sources: ReadonlyMap<string, string>): string => `
import Handlebars from 'handlebars/runtime.js';
import { registerHelpers } from './render/handlebars.ts';
const handlebars = Handlebars.create();
registerHelpers(handlebars);
const specs = {
${[...sources].map(([key, source]) => `${JSON.stringify(key)}: ${precompiled(source)},\n`).join('')}};
export const renderProse = (key, context) => {
  if (!Object.hasOwn(specs, key)) throw new Error('There is no template ' + key + '.');
  return handlebars.template(specs[key])(context);
};
`;
