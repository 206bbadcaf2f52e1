import Type from 'typebox';
import { closed } from '../validation/core.ts';

export type Direction = 'asc' | 'desc';

/** One of these texts and no other. */
// protect: Q401 (enum: [...names] -> maxLength: 99)
export const oneOf = <const N extends readonly string[]>(names: N) => Type.Unsafe<N[number]>({ type: 'string', enum: [...names] });

/**
 * The query of a list: `sort`, `dir`, `limit` (1 to 100 rows) and `cursor`, which the page before gave.
 * A column name cannot be bound as a value. Escaping it is not enough either: every column could be named, and the order of
 * a list tells what stands in it, even a hash. So the names that may be asked for are listed (CWE-89, ASVS V1.2.4).
 */
export const listQuery = <const N extends readonly string[]>(sorts: N) =>
  closed({
    sort: Type.Optional(oneOf(sorts)),
    dir: Type.Optional(oneOf(['asc', 'desc'])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
  });
