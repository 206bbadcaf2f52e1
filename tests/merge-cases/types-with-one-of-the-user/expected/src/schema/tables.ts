import type { Mine } from './mine.ts';
import type { A } from './a.ts';
import type { B } from './b.ts';

export type Database = A & B & Mine;
