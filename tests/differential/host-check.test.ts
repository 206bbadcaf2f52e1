import { sanitizeUrl } from '@braintree/sanitize-url';
import { match } from 'path-to-regexp';
import proxyAddress from 'proxy-addr';
import { describe, expect, test } from 'vitest';
import { compileHosts, parseHost } from '../../templates/protections/host-check/hosts.ts';
import { TrustedProxies, parseProxies } from '../../templates/protections/host-check/proxies.ts';
import { safeHref } from '../../templates/protections/host-check/safe-href.ts';
import { encodeQuery, fillPath } from '../../templates/protections/host-check/url-parts.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

describe('the client behind trusted proxies, against proxy-addr', () => {
  const ranges = ['10.0.0.0/8', '127.0.0.1', '2001:db8::/32', '192.0.2.128/25'];
  const addresses = [
    '10.1.2.3',
    '127.0.0.1',
    '192.0.2.200',
    '192.0.2.1',
    '203.0.113.5',
    '2001:db8::7',
    '2001:db9::7',
    '::1',
    '::ffff:10.0.0.9',
  ];
  const proxies = new TrustedProxies(parseProxies(ranges).ranges);
  const theirs = proxyAddress.compile(ranges);
  const random = randomNumbers(1);
  const any = (): string => addresses[Math.floor(random() * addresses.length)] ?? '';

  /** The same address, however it is written. */
  const canonical = (address: string): string | undefined => proxies.look(address)?.address;

  const ours = (peer: string, chain: string): string | undefined => {
    const hop = proxies.look(peer);
    return hop?.trusted === true ? proxies.clientOf(chain) : hop?.address;
  };

  test('2,000 chains of up to five hops', () => {
    for (let round = 0; round < 2_000; round += 1) {
      const peer = any();
      const chain = Array.from({ length: 1 + Math.floor(random() * 5) }, any).join(', ');
      const expected = proxyAddress({ headers: { 'x-forwarded-for': chain }, connection: { remoteAddress: peer } }, theirs);
      expect(ours(peer, chain), `${peer} <- ${chain}`).toBe(canonical(expected));
    }
  });

  test('stricter on purpose: what is no address is refused, where proxy-addr hands it to the app', () => {
    const request = (chain: string) => ({ headers: { 'x-forwarded-for': chain }, connection: { remoteAddress: '127.0.0.1' } });
    for (const text of ['unknown', '203.0.113.5:80', '<script>']) {
      expect(proxyAddress(request(text), theirs)).toBe(text);
      expect(ours('127.0.0.1', text)).toBeUndefined();
    }
  });
});

describe('a host, against the URL parser', () => {
  const listed = [
    'app.test',
    'APP.test',
    'app.test:8080',
    '[::1]',
    '[::1]:5000',
    '[2001:db8::1]:443',
    '127.0.0.1:3000',
    'a-b.c_d.test',
    'xn--bcher-kva.test',
  ];
  const malformed = [
    '',
    'a b',
    'a@b',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    '[::1',
    '::1',
    '[g::1]',
    'a:99999',
    'a:',
    'a:-1',
    'a..b',
    '.a',
    'a,b',
    'a%41',
    'b\u00fccher.test',
    '[]',
    'a:1:2',
  ];

  test('what we accept is what a browser would connect to', () => {
    for (const host of listed) {
      expect(parseHost(host), host).toBe(host.toLowerCase());
      expect(compileHosts('http://app.test', [host]).hosts.has(new URL(`http://${host}`).host), host).toBe(true);
    }
  });

  test('what a browser never sends, or reads as another host, is refused', () => {
    for (const host of malformed) expect(parseHost(host), host).toBeUndefined();
    const random = randomNumbers(2);
    const alphabet = ['a', 'B', '1', '.', '-', '_', ':', '@', '/', '\\', '[', ']', '%', ' ', '80', '::'];
    for (let round = 0; round < 20_000; round += 1) {
      const host = Array.from({ length: 1 + Math.floor(random() * 6) }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
      const parsed = parseHost(host);
      if (parsed === undefined) continue;
      const url = URL.parse(`http://${host}/`);
      // The parser reads a last label of digits as IPv4 and fails, or rewrites it; such a host can never be on the list.
      if (url === null || /(?:^|\.)(?:\d+|0x[\da-f]*)(?::\d+)?$/.test(parsed)) continue;
      expect(url.host, host).toBe(parsed.replace(/:80$/, ''));
    }
  });
});

describe('a path with values, against path-to-regexp', () => {
  const pattern = '/fixture/:one/x/:two';
  const read = match<{ one: string; two: string }>(pattern);
  const values = [
    'a',
    'a/b',
    '../admin?x=1#',
    '%2e%2e',
    '%2F',
    '\u00e9',
    '...',
    ' ',
    'a+b',
    '\\',
    ':one',
    '\u0000',
    '\u{1f600}',
    '.a',
    "'()*!~-_",
  ];

  test('every pair of values comes back as it went in', () => {
    for (const one of values) {
      for (const two of values) {
        const path = fillPath(pattern, { one, two });
        const matched = read(path);
        expect(matched && { ...matched.params }, path).toEqual({ one, two });
        expect(new URL(path, 'http://app.test').pathname, path).toBe(path);
      }
    }
  });

  test('a query comes back as it went in', () => {
    for (const a of values) {
      const parsed = new URL(`http://app.test/?${encodeQuery({ a, b: 1, c: undefined })}`).searchParams;
      expect([...parsed]).toEqual([
        ['a', a],
        ['b', '1'],
      ]);
    }
  });
});

describe('a link of a user, against sanitize-url', () => {
  const schemes = ['http:', 'https:', 'mailto:', 'javascript:', 'JAVASCRIPT:', 'data:', 'vbscript:', 'ftp:', 'blob:', 'file:', ''];
  const noise = ['', ' ', '\t', '\n', '\u0000', '\u200b', '&#106;', '%6a', 'java\tscript:', '//', 'x@'];

  test('what it refuses, we refuse too', () => {
    for (const before of noise) {
      for (const scheme of schemes) {
        for (const after of ['//partner.test/a', 'alert(1)', 'a@partner.test', '']) {
          const text = before + scheme + after;
          const href = safeHref(text);
          if (sanitizeUrl(text) === 'about:blank') expect(href, JSON.stringify(text)).toBe('#');
          if (href !== '#') expect(['http:', 'https:', 'mailto:'], JSON.stringify(text)).toContain(new URL(href).protocol);
        }
      }
    }
  });
});
