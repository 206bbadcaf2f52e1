import type { Attack, Guard } from '../../src/catalogue.ts';
import { attackMarks, marksIn } from '../../templates/base/shared/scripts/docs/marks.ts';

/** The guards that a text marks, one for each item: found as the emitted scripts find them. */
export const guardsIn = (text: string): Guard[] => marksIn(text).flatMap(({ items, code }) => items.map((item) => ({ item, code })));

/** The attacks that a test file makes. */
export const attacksIn = (text: string): Attack[] => attackMarks('', text).map(({ item, name }) => ({ item, name }));
