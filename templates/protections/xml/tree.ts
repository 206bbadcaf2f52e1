/** Deeper documents are refused: whoever walks them needs a stack. */
const maxDepth = 32;
/** More elements and attributes than this are refused: each takes a hundred times the memory of its text. */
const maxNodes = 10_000;

/** As names of members they would reach a prototype (CWE-1321). */
const prototypeNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Element {
  readonly name: string;
  readonly attributes: [string, string][];
  readonly children: Map<string, unknown[]>;
  text: string;
}

const newElement = (name: string): Element => ({ name, attributes: [], children: new Map(), text: '' });

/** Makes a value of the events of a parser. `refuse` must throw. */
export class XmlTree {
  readonly #lists: ReadonlySet<string>;
  readonly #refuse: (rule: string) => never;
  readonly #root = newElement('');
  readonly #open: Element[] = [];
  #nodes = 0;

  constructor(lists: ReadonlySet<string>, refuse: (rule: string) => never) {
    this.#lists = lists;
    this.#refuse = refuse;
  }

  open(name: string): void {
    if (prototypeNames.has(name)) this.#refuse('no-prototype'); // protect: Q423
    this.#count();
    this.#open.push(newElement(name));
    if (this.#open.length > maxDepth) this.#refuse('depth'); // protect: Q423
  }

  attribute(name: string, value: string): void {
    this.#count();
    this.#open.at(-1)?.attributes.push([`@${name}`, value]);
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  close(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { children } = this.#open.at(-1) ?? this.#root;
    const siblings = children.get(element.name);
    if (siblings === undefined) children.set(element.name, [this.#valueOf(element)]);
    else siblings.push(this.#valueOf(element));
  }

  /** What was read so far, as an object with the root element. */
  get value(): Record<string, unknown> {
    return this.#membersOf(this.#root);
  }

  #count(): void {
    this.#nodes += 1;
    if (this.#nodes > maxNodes) this.#refuse('nodes'); // protect: Q423
  }

  #valueOf(element: Element): unknown {
    const { attributes, children, text } = element;
    if (attributes.length === 0 && children.size === 0) return text;
    const isBlank = text.trim() === '';
    // Text between elements is markup of a page: a schema could not say what may stand where.
    if (children.size > 0 && !isBlank) this.#refuse('mixed-content');
    return { ...Object.fromEntries(attributes), ...this.#membersOf(element), ...(isBlank ? {} : { '#text': text }) };
  }

  #membersOf({ children }: Element): Record<string, unknown> {
    return Object.fromEntries([...children].map(([name, values]) => [name, values.length === 1 && !this.#lists.has(name) ? values[0] : values]));
  }
}
