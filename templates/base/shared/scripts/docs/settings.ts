/** One environment variable, as `src/config/env.ts` reads it. */
export interface Setting {
  readonly name: string;
  readonly describe: string;
  /** What it may hold, in words. */
  readonly rule: string;
  /** Empty when there is none. */
  readonly fallback: string;
  readonly isNumber: boolean;
}

const entry = /\/\*\*\s*(.*?)\s*\*\/\s*(\w+): read\.(\w+)\(\s*'\w+'(?:,\s*([\s\S]*?))?,?\s*\),?\n(?=\s*(?:\/\*\*|\}))/g;

/** Reads the settings from the source of `src/config/env.ts`, by name. */
export const settingsIn = (source: string): Setting[] =>
  [...source.matchAll(entry)]
    .map(([, describe = '', name = '', method = '', values = '']) => ({ name, describe, isNumber: method === 'integer', ...wordsFor(method, values) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const wordsFor = (method: string, values: string): Pick<Setting, 'rule' | 'fallback'> => {
  const texts = [...values.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
  const numbers = [...values.matchAll(/-?\d[\d_]*/g)].map(([digits]) => Number(digits.replaceAll('_', '')));
  const [first = ''] = texts;
  const [one = 0, two = 0, three = 0] = numbers;
  switch (method) {
    case 'integer':
      return { rule: `a whole number from ${two} to ${three}`, fallback: String(one) };
    case 'boolean':
      return { rule: 'on or off', fallback: values.startsWith('true') ? 'on' : 'off' };
    case 'list':
      return { rule: 'entries apart by commas', fallback: texts.join(',') };
    case 'choice':
      return { rule: `one of ${texts.slice(0, -1).join(', ')}`, fallback: texts.at(-1) ?? '' };
    case 'origin':
      return { rule: 'scheme, host and port', fallback: first };
    case 'url':
      return { rule: 'an absolute URL', fallback: first };
    case 'optionalUrl':
      return { rule: `a URL that starts with ${texts.map((protocol) => `${protocol}//`).join(' or ')}`, fallback: '' };
    case 'secret':
      return { rule: `at least ${one} random bytes as base64url`, fallback: '' };
    default:
      return { rule: 'text', fallback: first };
  }
};
