import { compiledProse } from './prose.ts';

/** JSON in nothing but ASCII: read and parsed at half the time and memory of a text with a single wider character. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `dist/plopfile.js`: the verbs as plop generators, for `plop --plopfile` and `plop.load`. */
export const plopfileModule = `'use strict';
const { assetsIn, registerWith } = require('./cli.js');
module.exports = (plop) => registerWith(plop, assetsIn(__dirname, require));
`;

/** The checks of every protection that has a `doctor.ts`, as a module that exports `doctors`. */
export const doctorsModule = (files: ReadonlyMap<string, string>): string => {
  const entries = [...files];
  const imports = entries.map(([, file], index) => `import { doctor as d${index} } from ${JSON.stringify(file)};\n`);
  return `${imports.join('')}export const doctors = { ${entries.map(([id], index) => `${JSON.stringify(id)}: d${index}`).join(', ')} };\n`;
};

/** The compiled Handlebars templates, as a module that exports `renderProse`. */
export const proseModule = (sources: ReadonlyMap<string, string>): string => `
import { each, holds, lookup, shown } from './render/prose-runtime.ts';
const templates = {
${[...sources].map(([key, source]) => `${JSON.stringify(key)}: ${compiledProse(source)},\n`).join('')}};
export const renderProse = (key, context) => {
  if (!Object.hasOwn(templates, key)) throw new Error('There is no template ' + key + '.');
  return templates[key](context);
};
`;
