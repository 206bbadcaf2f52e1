import type { A } from './a.ts';

export type Database = A;
