/** The value of one option in `src/protections/index.ts`. */
export interface OptionValue {
  /** The id of the protection. */
  readonly protection: string;
  readonly name: string;
  /** As it stands in the code, without quotes. */
  readonly value: string;
}

/** Reads the options of the protections from the source of `src/protections/index.ts`. */
export const optionsIn = (registry: string): OptionValue[] =>
  [...registry.matchAll(/import \{ (\w+) \} from '\.\/([\w-]+)\/(?:fastify|express)\.ts'/g)].flatMap(([, name = '', protection = '']) => {
    const values = new RegExp(`^\\s*${name}\\(\\{([\\s\\S]*?)\\}\\),?$`, 'm').exec(registry)?.[1] ?? '';
    return [...values.matchAll(/(\w+):\s*(?:'((?:[^'\\]|\\.)*)'|([\w.-]+))/g)].map(([, option = '', text, plain = '']) => ({
      protection,
      name: option,
      value: text?.replaceAll(/\\(.)/g, '$1') ?? plain.replaceAll('_', ''),
    }));
  });
