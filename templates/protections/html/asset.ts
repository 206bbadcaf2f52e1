import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { type Route, route } from '#src/protections/app-core/route.ts';
import type { OwnPath } from '#src/protections/host-check/own-path.ts';

interface Asset {
  /** Where it is found, below the prefix of its module. */
  readonly path: OwnPath;
  readonly type: 'text/css' | 'text/javascript';
  readonly file: URL;
  readonly summary: string;
}

/** A file that pages load, read once and named here: no part of a request names a file. Browsers keep it for an hour; it says nothing of anybody. */
export const asset = ({ path, type, file, summary }: Asset): Route => {
  const text = readFileSync(file, 'utf8');
  const headers = { 'cache-control': 'public, max-age=3600' };
  return route({ method: 'GET', path, access: 'public', input: {}, output: Type.String(), summary }, () => ({
    status: 200,
    headers,
    text: { type: `${type}; charset=utf-8`, text },
  }));
};
