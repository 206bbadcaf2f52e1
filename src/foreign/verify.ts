import { Refusal } from '../errors.ts';
import { packageFacts } from './package-facts.ts';
import { Repo } from './repo.ts';
import { tsconfigFacts } from './tsconfig-facts.ts';
import { newComplaints } from './typecheck.ts';

/**
 * Checks what is about to be written against the repo's own tsconfig, in memory.
 * @returns sentences about what could not be checked.
 * @throws Refusal that shows the diagnostics that were not there before.
 */
export const assertTypes = (root: string, puts: ReadonlyMap<string, { readonly text: string }>, removes: ReadonlyMap<string, string>): readonly string[] => {
  const repo = new Repo(root);
  const facts = packageFacts(repo);
  const tsconfig = tsconfigFacts(repo, facts.isModule);
  const staged = new Map([...puts].filter(([path]) => !path.startsWith('.secure-app/')).map(([path, { text }]) => [path, text] as const));
  const brought = namesIn(staged.get('package.json') ?? facts.text);
  const { complaints, unchecked } = newComplaints({ repo, facts, tsconfig }, staged, [...removes.keys()], brought.filter((name) => !repo.hasFolder(`node_modules/${name}`)));
  if (complaints.length > 0) {
    const shown = complaints.slice(0, 20).map(({ file, line, code, message }) => `${file}:${line} TS${code}: ${message}`);
    const many = complaints.length > 1;
    throw new Refusal(`The result does not fulfil ${tsconfig.path}: ${complaints.length} diagnostic${many ? 's that were' : ' that was'} not there before. Nothing was written.`, shown.join('\n'));
  }
  return unchecked.length === 0 ? [] : [`${unchecked.join(', ')}: not installed yet, so what uses it was not type-checked. Install, then run the type check and the tests of the repo.`];
};

const namesIn = (text: string): string[] => [...text.matchAll(/"((?:@[\w.-]+\/)?[\w.-]+)"\s*:\s*"[^"]*"/g)].map(([, name = '']) => name);
