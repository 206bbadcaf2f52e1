import assert from 'node:assert/strict';
import Negotiator from 'negotiator';
import { test } from 'vitest';
import { prefersHtml } from '../../templates/protections/app-core/accept.ts';

const offers = ['application/json', 'application/problem+json', 'text/html'];

test('the choice between JSON and HTML is that of negotiator', () => {
  const ranges = [
    'text/html',
    'application/json',
    'application/problem+json',
    'text/*',
    'application/*',
    '*/*',
    'image/png',
    'application/xhtml+xml',
    'TEXT/HTML',
  ];
  const qualities = ['', ';q=1', ';q=0.9', ';q=0.5', '; q=0.1', ';q=0'];
  for (const first of ranges) {
    for (const second of ranges) {
      for (const third of ['', 'text/plain;q=0.8', 'image/*;q=0.2']) {
        // Named twice with two qualities, a type has no defined preference.
        if (first.toLowerCase() === second.toLowerCase()) continue;
        for (const quality of qualities) {
          for (const other of qualities) {
            const accept = [`${first}${quality}`, `${second}${other}`, third].filter((range) => range !== '').join(', ');
            // Ours asks for more: who never names text is a program, whatever `*/*` would admit.
            const theirs = /text\//i.test(accept) && new Negotiator({ headers: { accept } }).mediaType(offers) === 'text/html';
            assert.equal(prefersHtml(accept), theirs, accept);
          }
        }
      }
    }
  }
});

test('who says nothing gets JSON', () => {
  for (const accept of [undefined, '', 'image/png', 'nonsense', 'text/html;q=nonsense'])
    assert.equal(prefersHtml(accept), false, String(accept));
});
