import { strict as assert } from 'node:assert';
import { safeRedirect } from '#src/protections/redirects/safe-redirect.ts';
import { attack, benign } from '#tests/support/attack.ts';

benign('a path of this app leads there', () => {
  for (const next of ['/', '/orders?page=2#first', '/a/b']) assert.equal(safeRedirect(next), next);
});

attack('Q441', 'a return-to parameter leads to another host', () => {
  const hostile = ['https://evil.test', '//evil.test', '/\\evil.test', '/.//evil.test', '/../..//evil.test', 'javascript:alert(1)', ' /x', '/\t/evil.test', undefined, ['/x']];
  for (const next of hostile) assert.equal(safeRedirect(next), '/', String(next));
});
