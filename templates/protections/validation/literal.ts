declare global {
  interface RegExpConstructor {
    /** ECMAScript 2025. */
    escape(text: string): string;
  }
}

/**
 * A pattern that finds `text` as it is, whatever characters it holds: for everything that a user searches for. An
 * unescaped text is a program for the pattern engine (CWE-1333, ASVS V1.2.9).
 */
export const literal = (text: string, flags = 'iu'): RegExp =>
  new RegExp(RegExp.escape(text), flags); // protect: Q468 (RegExp.escape(text) -> text)
