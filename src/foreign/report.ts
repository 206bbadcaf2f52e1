import { type Findings, nameOf } from './inspect.ts';
import type { Candidate } from './locate.ts';

const shapes: Readonly<Record<Candidate['shape'], string>> = {
  module: 'at the top of the module',
  factory: 'in a function',
  class: 'in a class',
  plugin: 'as a plugin that loads folders',
};

/** What was found, one line each. */
export const report = (found: Findings, candidate: Candidate): string[] => {
  const { facts, tsconfig, system, ending, aliasesUsed, style, tests, present } = found;
  const written = { '.js': 'with .js', '.ts': 'with .ts', '': 'without an extension' }[ending];
  const indent = style.indent === '\t' ? 'tabs' : `${style.indent.length} spaces`;
  return [
    `${facts.target} ${facts.major}, ${system}; ${facts.packageManager}${facts.workspace === undefined ? '' : `, the package ${facts.workspace} of a monorepo`}`,
    `the app is made ${shapes[candidate.shape]}: ${nameOf(candidate)}, called ${candidate.app} there`,
    `TypeScript: ${tsconfig.strictness}; module ${tsconfig.module}; imports are written ${written}${aliasesUsed.length === 0 ? '' : `, aliases ${aliasesUsed.join(', ')}`}`,
    `style: ${style.quotes === '"' ? 'double' : 'single'} quotes, ${style.semicolons ? 'semicolons' : 'no semicolons'}, ${indent}, ${style.eol === '\n' ? 'LF' : 'CRLF'}${style.finalNewline ? '' : ', no newline at the end'}`,
    `tests: ${tests.runner}${tests.isKnown ? '' : ' (the repo has none)'} in ${tests.folder}; database: ${facts.database ?? 'none found'}`,
    ...present.map(({ name, what, file, line }) => `there already: ${name} (${what}), ${file}:${line}`),
  ];
};
