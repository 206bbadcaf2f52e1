/** The value of one option in `src/protections/index.ts`. */
export interface OptionValue {
  /** The id of the protection. */
  readonly protection: string;
  readonly name: string;
  /** As it stands in the code, without quotes. */
  readonly value: string;
}

const imported = /import \{ (\w+) \} from '\.\/([\w-]+)\/(?:fastify|express)\.ts'/g;
const configured = /^\s*(\w+)\(\{([\s\S]*?)\}\),?$/gm;
const option = /(\w+):\s*(?:'((?:[^'\\]|\\.)*)'|([\w.-]+))/g;

/** Reads the options of the protections from the source of `src/protections/index.ts`. */
export const optionsIn = (registry: string): OptionValue[] => {
  const ids = new Map([...registry.matchAll(imported)].map(([, name = '', id = '']) => [name, id]));
  return [...registry.matchAll(configured)].flatMap(([, binding = '', values = '']) =>
    [...values.matchAll(option)].map(([, name = '', text, plain = '']) => ({
      protection: ids.get(binding) ?? binding,
      name,
      value: text?.replaceAll(/\\(.)/g, '$1') ?? plain.replaceAll('_', ''),
    })),
  );
};
