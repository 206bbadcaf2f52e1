import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import { expect, test } from 'vitest';
import { createPolicy } from '../../templates/protections/headers/core.ts';

const policy = createPolicy({ hstsSeconds: 31_536_000, hstsSubdomains: true });
const page = policy.document('text/html; charset=utf-8', 'bm9uY2U=', undefined);

/** What helmet sets on an answer. */
const helmetHeaders = (options?: Parameters<typeof helmet>[0]): Record<string, string> => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => undefined);
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
};

test('the baseline is that of helmet, but for what is known', () => {
  const theirs = helmetHeaders();
  const ours: Readonly<Record<string, string>> = page;
  const equal = Object.keys(theirs).filter((name) => ours[name] === theirs[name]);
  expect(equal.toSorted()).toEqual([
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'referrer-policy',
    'strict-transport-security',
    'x-content-type-options',
    'x-xss-protection',
  ]);
  // Ours is stricter: nobody frames, and no inline style runs.
  expect(theirs['x-frame-options']).toBe('SAMEORIGIN');
  expect(ours['x-frame-options']).toBe('DENY');
  expect(theirs['content-security-policy']).toContain("'unsafe-inline'");
  expect(ours['content-security-policy']).not.toContain('unsafe');
  // For browsers that are gone, or about speed; and what helmet never sends.
  const missing = Object.keys(theirs).filter((name) => ours[name] === undefined);
  expect(missing.toSorted()).toEqual(['origin-agent-cluster', 'x-dns-prefetch-control', 'x-download-options', 'x-permitted-cross-domain-policies']);
  const added = Object.keys(ours).filter((name) => theirs[name] === undefined);
  expect(added.toSorted()).toEqual(['cache-control', 'permissions-policy', 'reporting-endpoints']);
});

test('helmet writes the same content security policy from the same directives', () => {
  const ours = page['content-security-policy'] ?? '';
  const directives = Object.fromEntries(
    ours.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
  const theirs = helmetHeaders({ contentSecurityPolicy: { useDefaults: false, directives } })['content-security-policy'] ?? '';
  expect(theirs.split(';')).toEqual(ours.split('; '));
});
