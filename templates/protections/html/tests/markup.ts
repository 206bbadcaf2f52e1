/** An element of a page: its name, and its attributes as a browser reads them. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const decode = (text: string): string => text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);

const attribute = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const tag = /<([a-z][^\s/>]*)((?:[^"'>]|"[^"]*"|'[^']*')*)>/gi;

/** The elements of a page in their order, found as generously as browsers find them: without quotes, in capitals, anywhere. */
export const elementsOf = (markup: string): Element[] =>
  [...markup.matchAll(tag)].map(([, name = '', rest = '']) => ({
    name: name.toLowerCase(),
    attributes: new Map(
      [...rest.matchAll(attribute)].map(([, key = '', double, single, bare]) => [key.toLowerCase(), decode(double ?? single ?? bare ?? '')]),
    ),
  }));

/** What a page is made of, whatever stands in it: two pages with one shape differ in their texts only. */
export const shapeOf = (markup: string): string =>
  elementsOf(markup)
    .map(({ name, attributes }) => `${name} ${[...attributes.keys()].join(' ')}`)
    .join('\n');

/** What a reader reads. */
export const textOf = (markup: string): string => decode(markup.replaceAll(tag, ' ').replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ').trim();

/** A form of a page. */
export interface Form {
  readonly action: string;
  /** The fields that people do not see, with what they hold. */
  readonly hidden: Readonly<Record<string, string>>;
  /** The names of those that they fill in. */
  readonly fields: readonly string[];
}

/** The forms of a page, in their order. */
export const formsOf = (markup: string): Form[] =>
  [...markup.matchAll(/<form\b[\s\S]*?<\/form>/g)].map(([text]) => {
    const elements = elementsOf(text);
    const inputs = elements.filter(({ name, attributes }) => name === 'input' && attributes.has('name'));
    const isHidden = ({ attributes }: Element): boolean => attributes.get('type') === 'hidden';
    const nameOf = ({ attributes }: Element): string => attributes.get('name') ?? '';
    return {
      action: elements[0]?.attributes.get('action') ?? '',
      hidden: Object.fromEntries(inputs.filter(isHidden).map((input) => [nameOf(input), input.attributes.get('value') ?? ''])),
      fields: inputs.filter((input) => !isHidden(input)).map(nameOf),
    };
  });
