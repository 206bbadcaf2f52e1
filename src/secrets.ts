import type { Installed } from './installed.ts';
import { basePrefix } from './lock.ts';
import type { Put } from './merge/tree.ts';
import type { Secret } from './render/env.ts';

const minted = ({ name, bytes }: Secret): string => `${name}=${process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('base64url')}`;

/** `.env` of a new app: a fresh secret for each variable that needs one. The only thing that is not reproducible. */
export const mintEnvironment = (secrets: readonly Secret[]): string =>
  ['# Settings and secrets of this machine. Never committed; every setting is explained in .env.example.', ...secrets.map(minted), ''].join('\n');

/** What a change does to `.env`. */
export interface AddedSecrets {
  readonly put?: Put;
  readonly minted: readonly string[];
  readonly warnings: readonly string[];
}

/** Adds a fresh secret to the `.env` of an app for each variable that is new; no line that is there is touched. */
export const addSecrets = (secrets: readonly Secret[], { read }: Pick<Installed, 'read'>): AddedSecrets => {
  if (secrets.length === 0) return nothing;
  const known = ['.env.example', 'compose.yaml'].map((path) => read(`${basePrefix}${path}`)).map((file) => (file.kind === 'text' ? file.text : '')).join('\n');
  const found = read('.env');
  const present = found.kind === 'text' ? found.text : '';
  const has = (text: string, name: string): boolean => new RegExp(`(?<![A-Z0-9_])${name}(?![A-Z0-9_])`).test(text);
  const isSet = (name: string): boolean => new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=`, 'm').test(present);
  const fresh = secrets.filter(({ name }) => !has(known, name) && !isSet(name));
  if (fresh.length === 0) return nothing;
  const names = fresh.map(({ name }) => name);
  if (found.kind === 'other') return { minted: [], warnings: [`.env is ${found.what}: give it ${names.join(', ')} yourself.`] };
  if (found.kind === 'missing') return { put: { text: mintEnvironment(fresh), before: null, mode: 0o600 }, minted: names, warnings: [] };
  const eol = present.includes('\r\n') ? '\r\n' : '\n';
  const joint = present === '' || present.endsWith('\n') ? '' : eol;
  return { put: { text: `${present}${joint}${fresh.map((secret) => `${minted(secret)}${eol}`).join('')}`, before: present, mode: found.mode }, minted: names, warnings: [] };
};

const nothing: AddedSecrets = { minted: [], warnings: [] };
