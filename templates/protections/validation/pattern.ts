/**
 * Tells at boot whether a pattern can be made to backtrack without end (CWE-1333). A pattern is fine when the next
 * character decides every choice: whether a repetition goes on, and which alternative is taken. Then nothing is tried
 * twice, however long the text. One undecided choice outside of a repetition is let through, since the length cap of
 * the schema keeps a square small; one inside of a repetition is exponential.
 */

/** The characters by which choices are compared: Latin and some of other scripts. */
const alphabet = [...Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)), 'я', 'א', '中', '\u2028'];

type Characters = ReadonlySet<string>;

/** A pattern, or a part of one, as it is written in code: never what a user typed. */
type Source = Pick<RegExp, 'source'>;

interface Element {
  /** With what it can begin. */
  readonly first: Characters;
  /** It can match nothing. */
  readonly nullable: boolean;
  readonly optional: boolean;
  readonly repeats: boolean;
  /** What a group holds; empty for a single character. */
  readonly alternatives: readonly (readonly Element[])[];
}

const lexeme =
  /\\(?:p\{[^}]*\}|P\{[^}]*\}|u\{[^}]*\}|u[\da-f]{4}|x[\da-f]{2}|.)|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<(?![=!])[^>]*>|.))?|[)|^$]|[^\\[()|^$]/giy;
const quantifier = /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y;

/** @returns why the pattern is refused, or undefined when it is linear enough. */
export const patternRisk = (pattern: Source): string | undefined => {
  try {
    const choices = new PatternReader(pattern).read();
    return countUndecided(choices, new Set(), false) > 1 ? 'it can backtrack' : undefined;
  } catch (error) {
    return error instanceof Unsupported ? error.message : 'it is not a pattern';
  }
};

class Unsupported extends Error {}

/** Reads the tokens of a pattern into elements. */
class PatternReader {
  readonly #source: string;
  #at = 0;

  constructor(pattern: Source) {
    this.#source = new RegExp(pattern.source, 'u').source;
  }

  read(): Element[][] {
    const alternatives = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unsupported('it is not balanced');
    return alternatives;
  }

  #alternatives(): Element[][] {
    const alternatives: Element[][] = [[]];
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      const text = this.#next(lexeme);
      if (text === '|') alternatives.push([]);
      else if (text !== '^' && text !== '$' && !/^\\b$/i.test(text)) alternatives.at(-1)?.push(this.#element(text));
    }
    return alternatives;
  }

  #element(text: string): Element {
    if (/^\\[1-9k]/.test(text)) throw new Unsupported('it refers back to a group');
    if (/^\(\?[^:<]/.test(text)) throw new Unsupported('it looks around');
    const alternatives = text.startsWith('(') ? this.#group() : [];
    const [min, max] = limits(this.#next(quantifier));
    return {
      first: alternatives.length > 0 ? firstOfAny(alternatives) : charactersOf({ source: text }),
      nullable: min === 0 || alternatives.some((sequence) => sequence.every((element) => element.nullable)),
      optional: min !== max,
      repeats: max > 1,
      alternatives,
    };
  }

  #group(): Element[][] {
    const alternatives = this.#alternatives();
    this.#at += 1;
    return alternatives;
  }

  #next(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const text = expression.exec(this.#source)?.[0] ?? '';
    if (text === '' && expression === lexeme) throw new Unsupported('it holds something unknown');
    this.#at += text.length;
    return text;
  }
}

const limits = (text: string): [number, number] => {
  if (text === '') return [1, 1];
  if (text.startsWith('*')) return [0, Infinity];
  if (text.startsWith('+')) return [1, Infinity];
  if (text.startsWith('?')) return [0, 1];
  const [min = '', max = min] = text.replace(/[{}?]/g, '').split(',');
  return [Number(min), max === '' ? Infinity : Number(max)];
};

const charactersOf = (character: Source): Characters => {
  const expression = new RegExp(`^${character.source}$`, 'u');
  return new Set(alphabet.filter((candidate) => expression.test(candidate)));
};

const union = (one: Characters, other: Characters): Characters => new Set([...one, ...other]);

const overlap = (one: Characters, other: Characters): boolean => [...one].some((character) => other.has(character));

const firstOfAny = (alternatives: readonly (readonly Element[])[]): Characters =>
  alternatives.reduce<Characters>((all, sequence) => union(all, firstOf(sequence, new Set())), new Set());

/** With what a sequence can begin, when `follow` comes after it. */
const firstOf = (sequence: readonly Element[], follow: Characters): Characters => {
  const [head, ...rest] = sequence;
  if (head === undefined) return follow;
  return head.nullable ? union(head.first, firstOf(rest, follow)) : head.first;
};

/** How many choices the next character does not decide; endless when one of them is inside of a repetition. */
const countUndecided = (alternatives: readonly (readonly Element[])[], follow: Characters, repeated: boolean): number => {
  let undecided = 0;
  let before: Characters = new Set();
  for (const sequence of alternatives) {
    const first = firstOf(sequence, follow);
    if (overlap(before, first)) undecided += 1;
    before = union(before, first);
    undecided += sequence.reduce((sum, element, index) => sum + undecidedIn(element, firstOf(sequence.slice(index + 1), follow)), 0);
  }
  return repeated && undecided > 0 ? Infinity : undecided;
};

const undecidedIn = (element: Element, follow: Characters): number => {
  const choice = element.optional && overlap(element.first, follow) ? 1 : 0;
  if (element.alternatives.length === 0) return choice;
  return choice + countUndecided(element.alternatives, element.repeats ? union(follow, element.first) : follow, element.repeats);
};
