/** Hex SHA-256 of a text as UTF-8. `node:crypto` takes milliseconds to load: only when something is hashed. */
export const sha256 = (text: string): string => process.getBuiltinModule('node:crypto').hash('sha256', text);
