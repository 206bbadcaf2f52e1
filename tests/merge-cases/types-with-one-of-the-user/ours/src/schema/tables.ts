import type { Mine } from './mine.ts';
import type { A } from './a.ts';

export type Database = A & Mine;
