/** A function of `node:crypto`, and the files that use it. */
export interface CryptoUse {
  readonly name: string;
  readonly files: readonly string[];
}

/** A key that is derived, or a column that is sealed, under a name of its own. */
export interface KeyUse {
  readonly purpose: string;
  readonly what: string;
  readonly file: string;
}

type Files = ReadonlyMap<string, string>;

const imports = /import \{([^}]+)\} from 'node:crypto'/g;
const derived = /\bhmacKey\(\s*'([^']+)'/g;
const sealed = /\bpurpose: '([^']+)',\s*table: '([^']+)',\s*column: '([^']+)'/g;

const sources = (files: Files): [string, string][] => [...files].filter(([path]) => /^src\/.*\.ts$/.test(path));

/** What the app takes from `node:crypto`, by name; types left out. */
export const cryptoUses = (files: Files): CryptoUse[] => {
  const uses = new Map<string, string[]>();
  for (const [path, text] of sources(files)) {
    const names = [...text.matchAll(imports)].flatMap(([, list = '']) => list.split(',').map((name) => name.trim()));
    for (const name of names.filter((candidate) => /^\w+/.test(candidate) && !candidate.startsWith('type '))) {
      const [original = ''] = name.split(' as ');
      uses.set(original, [...(uses.get(original) ?? []), path]);
    }
  }
  return [...uses].map(([name, found]) => ({ name, files: found }));
};

/** What the keys of the app are used for. */
export const keyUses = (files: Files): KeyUse[] =>
  sources(files).flatMap(([file, text]) => [
    ...[...text.matchAll(derived)].map(([, purpose = '']) => ({ purpose, what: 'HMAC', file })),
    ...[...text.matchAll(sealed)].map(([, purpose = '', table = '', column = '']) => ({ purpose, what: `seals ${table}.${column}`, file })),
  ]);
