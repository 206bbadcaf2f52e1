import { type Labels, type Marked, type Sides, marked } from './sides.ts';
import { looseKey, mergeText } from './text.ts';

/** The three texts of a merge. The base is empty for a file that both sides made. */
export interface Three {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Merges one file by its kind. Byte order mark, line ends and the end of the file stay as ours has them. */
export const mergeFile = async (path: string, three: Three, labels: Labels): Promise<Marked> => {
  const { ours } = three;
  const mark = ours.startsWith('\uFEFF') ? '\uFEFF' : '';
  const isDos = /\r\n/.test(ours) && !/(?<!\r)\n/.test(ours);
  const plain: Three = { base: normal(three.base), ours: normal(ours), theirs: normal(three.theirs) };
  const sides = await sidesOf(path, plain);
  // Pages that the app writes from its own code: nobody need choose, it writes them again.
  const isWritten = plain.theirs.includes('\nWritten by `npm run docs` from the code');
  const { text, conflicts } = marked(isWritten ? { mine: sides.theirs, theirs: sides.theirs } : sides, labels);
  const isTerminated = ours === '' || ours.endsWith('\n') || conflicts > 0;
  const ended = isTerminated ? text : text.replace(/\n$/, '');
  return { text: `${mark}${isDos ? ended.replaceAll('\n', '\r\n') : ended}`, conflicts };
};

/** Line ends LF, the last line ended, no byte order mark. */
const normal = (text: string): string => {
  const lf = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  return lf === '' || lf.endsWith('\n') ? lf : `${lf}\n`;
};

/** Nothing is merged that is the same on two of three sides; else the first way that leaves no conflict. */
const sidesOf = async (path: string, three: Three): Promise<Sides> => {
  const { base, ours, theirs } = three;
  if (base === theirs || ours === theirs) return { mine: ours, theirs: ours };
  if (base === ours) return { mine: theirs, theirs };
  let best: Sides | undefined;
  // What a merge by lines leaves in conflict may still differ in fewer places when merged by what it says.
  for await (const sides of ways(path, three)) {
    if (sides === undefined) continue;
    if (sides.mine === sides.theirs) return sides;
    best = sides;
  }
  return best ?? { mine: ours, theirs };
};

/** From the nearest to what a person sees, to the most patient. The last one that answers is what is shown with marks. */
async function* ways(path: string, { base, ours, theirs }: Three): AsyncGenerator<Sides | undefined> {
  // Lines know nothing of commas: JSON is merged by key from the start.
  const byKey = /\.jsonc?$/.test(path) ? (await import('./json.ts')).mergeJson(base, ours, theirs) : undefined;
  if (byKey !== undefined) yield byKey;
  else {
    yield mergeText(base, ours, theirs);
    if (isEnvironment(path)) yield (await import('./env.ts')).mergeEnv(base, ours, theirs);
    else if (/\.ya?ml$/.test(path)) yield (await import('./yaml.ts')).mergeYaml(base, ours, theirs);
    else if (path.endsWith('.md')) yield mergeText(base, ours, theirs, looseKey);
    else if (isCode(path)) {
      const merged = (await import('./code.ts')).mergeCode(base, ours, theirs);
      if (!/\.[cm]?[jt]s$/.test(path)) return yield merged;
      // Loads a compiler: only for what lines could not merge.
      const { mergeStructure, parses } = await import('./structure.ts');
      // Tokens of code that one side took out can stand for those that the other put in: then the rest means nothing.
      if (merged === undefined || merged.mine !== merged.theirs || parses(merged.mine) || !parses(ours)) yield merged;
      yield mergeStructure(base, ours, theirs);
    }
  }
}

const isEnvironment = (path: string): boolean => /(?:^|\/)\.env(?:\.[\w.-]+)?$/.test(path);

/** What is read as tokens: a stylesheet has the same. */
export const isCode = (path: string): boolean => /\.(?:[cm]?[jt]sx?|css)$/.test(path);
