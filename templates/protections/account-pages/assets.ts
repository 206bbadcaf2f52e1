import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { type Route, route } from '#src/protections/app-core/route.ts';
import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { paths } from './paths.ts';

/** A file of this app, read once; browsers keep it for an hour. It says nothing of anybody. */
const asset = (path: OwnPath, type: string, file: URL, summary: string): Route => {
  const text = readFileSync(file, 'utf8');
  const headers = { 'cache-control': 'public, max-age=3600' };
  return route({ method: 'GET', path, access: 'public', input: {}, output: Type.String(), summary }, () => ({
    status: 200,
    headers,
    text: { type: `${type}; charset=utf-8`, text },
  }));
};

const fileOf = (name: string): URL => new URL(`../../assets/${name}`, import.meta.url);

/** What the pages load: one stylesheet, one script, both from here (CSP `'self'`). */
export const assets: readonly Route[] = [
  asset(paths.style, 'text/css', fileOf('account.css'), 'The stylesheet of the account pages'),
  asset(paths.script, 'text/javascript', fileOf('passkeys.js'), 'The script for passkeys'),
];
