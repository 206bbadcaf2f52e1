/** A system that the app calls, as `definePartner` declares it. */
export interface Destination {
  readonly id: string;
  readonly baseUrl: string;
  readonly purpose: string;
  /** The file that declares it. */
  readonly file: string;
}

const declared = /\bdefinePartner\(\{([\s\S]*?)\}\);/g;
const field = /^\s*(id|baseUrl|purpose): '((?:[^'\\]|\\.)*)'/gm;

/** The partners that the source files of the app declare with literal values, by id. */
export const destinationsIn = (files: ReadonlyMap<string, string>): Destination[] =>
  [...files]
    .filter(([path]) => /^src\/.*\.ts$/.test(path))
    .flatMap(([file, text]) => [...text.matchAll(declared)].map(([, body = '']) => ({ file, fields: fieldsOf(body) })))
    .map(({ file, fields }) => ({ id: fields.get('id') ?? '', baseUrl: fields.get('baseUrl') ?? '', purpose: fields.get('purpose') ?? '', file }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

const fieldsOf = (body: string): ReadonlyMap<string, string> =>
  new Map([...body.matchAll(field)].map(([, name = '', value = '']) => [name, value.replaceAll(/\\(.)/g, '$1')]));
