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

/** True when the image context has the path: the last line of .dockerignore that matches it, or a folder above it, decides. */
export const inContext = (dockerignore: string, path: string): boolean => {
  const parts = path.split('/');
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let ignored = false;
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*\*\/|\*\*|\*|\?/g, (wild) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[wild] ?? '[^/]');
    if (prefixes.some((prefix) => new RegExp(`^${expression}$`).test(prefix))) ignored = !line.startsWith('!');
  }
  return !ignored;
};
