export interface Instruction {
  /** In upper case. */
  readonly name: string;
  readonly value: string;
}

/** The instructions of a Dockerfile, with continued lines joined. */
export const parseDockerfile = (text: string): Instruction[] =>
  text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, value = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(line.trim()) ?? [];
      return name === undefined ? [] : [{ name: name.toUpperCase(), value }];
    });

/** The instructions of the last stage: those that make the image. */
export const lastStage = (instructions: readonly Instruction[]): Instruction[] =>
  instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

/** One name against a pattern with at most one `*`, which stands for any text, also with a leading dot. */
const nameMatches = (pattern: string, name: string): boolean => {
  const [before = '', after, ...more] = pattern.split('*');
  if (more.length > 0) throw new Error(`${pattern}: only one * in a name is understood here`);
  if (after === undefined) return name === pattern;
  return name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
};

/** A path against a pattern of .dockerignore; `**` stands for any number of folders. */
const pathMatches = ([first, ...pattern]: readonly string[], path: readonly string[]): boolean => {
  if (first === undefined) return path.length === 0;
  if (first === '**') return path.some((_, index) => pathMatches(pattern, path.slice(index)));
  const [name, ...rest] = path;
  return name !== undefined && nameMatches(first, name) && pathMatches(pattern, rest);
};

/** True when the image context has the path: the last line of .dockerignore that matches it, or a folder above it, decides. */
export const inContext = (dockerignore: string, path: string): boolean => {
  const parts = path.split('/');
  const folders = parts.map((_, index) => parts.slice(0, index + 1));
  let ignored = false;
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '').split('/');
    if (folders.some((folder) => pathMatches(pattern, folder))) ignored = !line.startsWith('!');
  }
  return !ignored;
};
