import { type Outcome, already, applied } from './outcome.ts';

/** A variable with the lines that tell about it. */
export interface EnvEntry {
  readonly name: string;
  /** A comment and the line itself, with `\n`. */
  readonly text: string;
}

/** Puts the variables behind what an `.env.example` holds, as far as it does not name them. */
export const addEnv = (text: string, entries: readonly EnvEntry[]): Outcome => {
  const missing = entries.filter(({ name }) => !new RegExp(`^[\\t ]*#?[\\t ]*(?:export[\\t ]+)?${name}=`, 'm').test(text));
  if (missing.length === 0) return already(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lead = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return applied(text + lead + missing.map((entry) => entry.text.replaceAll('\n', eol)).join(eol));
};
