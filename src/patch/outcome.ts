/** Something that a person has to put in by hand: the exact text, and where it goes. */
export interface Paste {
  readonly file: string;
  /** For example `right behind the line that makes the app`. */
  readonly where: string;
  readonly text: string;
}

/** What became of an operation on somebody's source. Pure: nothing is written by it. */
export type Outcome =
  | { readonly kind: 'applied'; readonly text: string }
  | { readonly kind: 'already'; readonly text: string }
  | { readonly kind: 'cannot'; readonly why: string; readonly paste: readonly Paste[] };

export const applied = (text: string): Outcome => ({ kind: 'applied', text });
export const already = (text: string): Outcome => ({ kind: 'already', text });
export const cannot = (why: string, paste: readonly Paste[]): Outcome => ({ kind: 'cannot', why, paste });

/** A text that goes in at an offset. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** `text` with every insertion; those at one place keep their order. Nothing of the text itself is changed. */
export const insertAll = (text: string, insertions: readonly Insertion[]): string => {
  let result = '';
  let from = 0;
  for (const { at, text: added } of insertions.toSorted((a, b) => a.at - b.at)) {
    result += text.slice(from, at) + added;
    from = at;
  }
  return result + text.slice(from);
};

/** True when `after` is `before` with text put in and nothing taken out. */
export const onlyInserts = (before: string, after: string): boolean => {
  let place = 0;
  for (let index = 0; index < after.length && place < before.length; index += 1) if (after[index] === before[place]) place += 1;
  return place === before.length;
};

const mark = '\uFEFF';

/** An operation on a text that may begin with a byte order mark, which no parser hands on. */
export const besideMark = (text: string, operate: (plain: string) => Outcome): Outcome => {
  if (!text.startsWith(mark)) return operate(text);
  const outcome = operate(text.slice(1));
  return outcome.kind === 'cannot' ? outcome : { ...outcome, text: mark + outcome.text };
};
