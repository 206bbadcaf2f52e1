/** The pattern for `like` and `ilike` that finds `text` anywhere, as it is: `%` and `_` in it mean themselves. */
// protect: Q401 (.replace(/[\\%_]/g, '\\$&') -> )
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
