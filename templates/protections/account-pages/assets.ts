import type { Route } from '#src/protections/app-core/route.ts';
import { asset } from '#src/protections/html/asset.ts';
import { paths } from './paths.ts';

const fileOf = (name: string): URL => new URL(`../../assets/${name}`, import.meta.url);

/** What the pages load: one stylesheet, one script, both from here (CSP `'self'`). */
export const assets: readonly Route[] = [
  asset({ path: paths.style, type: 'text/css', file: fileOf('account.css'), summary: 'The stylesheet of the account pages' }),
  asset({ path: paths.script, type: 'text/javascript', file: fileOf('passkeys.js'), summary: 'The script for passkeys' }),
];
