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

  const requestFrom = (peer: string, chain: string) => ({ headers: { 'x-forwarded-for': chain }, connection: { remoteAddress: peer } });

  /** The same address, however it is written. */
  const canonical = (address: string): string | undefined => proxies.look(address)?.address;

  const ours = (peer: string, chain: string): string | undefined => {
    const hop = proxies.look(peer);
    return hop?.trusted === true ? proxies.clientOf(chain) : hop?.address;
  };

  test('2,000 chains of up to five hops', () => {
    const chains = Array.from({ length: 2_000 }, () => {
      const peer = any();
      const chain = Array.from({ length: 1 + Math.floor(random() * 5) }, any).join(', ');
      const client = proxyAddress(requestFrom(peer, chain), theirs);
      return { peer, chain, client: ours(peer, chain), expected: canonical(client) };
    });
    expect(chains.filter(({ client, expected }) => client === undefined || client !== expected)).toEqual([]);
  });

  test('stricter on purpose: what is no address is refused, where proxy-addr hands it to the app', () => {
    const texts = ['unknown', '203.0.113.5:80', '<script>'];
    expect(texts.map((text) => proxyAddress(requestFrom('127.0.0.1', text), theirs))).toEqual(texts);
    expect(texts.map((text) => ours('127.0.0.1', text))).toEqual(texts.map(() => undefined));
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
    expect(listed.map(parseHost)).toEqual(listed.map((host) => host.toLowerCase()));
    expect(listed.filter((host) => !compileHosts('http://app.test', [host]).hosts.has(new URL(`http://${host}`).host))).toEqual([]);
  });

  test('what a browser never sends is refused', () => {
    expect(malformed.filter((host) => parseHost(host) !== undefined)).toEqual([]);
  });

  test('what a browser reads as another host is refused', () => {
    const random = randomNumbers(2);
    const alphabet = ['a', 'B', '1', '.', '-', '_', ':', '@', '/', '\\', '[', ']', '%', ' ', '80', '::'];
    const any = (): string => alphabet[Math.floor(random() * alphabet.length)] ?? '';
    const hosts = Array.from({ length: 20_000 }, () => Array.from({ length: 1 + Math.floor(random() * 6) }, any).join(''));
    const accepted = hosts.flatMap((host) => {
      const parsed = parseHost(host);
      const read = URL.parse(`http://${host}/`)?.host;
      // The parser takes a last label of digits for IPv4 and fails, or rewrites it; what it rewrites is never on the list.
      const isNumber = /(?:^|\.)(?:\d+|0x[\da-f]*)(?::\d+)?$/.test(host);
      return parsed === undefined || read === undefined || isNumber ? [] : [{ host, parsed: parsed.replace(/:80$/, ''), read }];
    });
    expect(accepted.length).toBeGreaterThan(500);
    expect(accepted.filter(({ parsed, read }) => parsed !== read)).toEqual([]);
  });
});

describe('a path with values, against path-to-regexp', () => {
  const pattern = '/fixture/:one/x/:two';
  const read = match<{ one: string; two: string }>(pattern);
  const paramsOf = (path: string) => {
    const found = read(path);
    return found === false ? undefined : { ...found.params };
  };
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
    const pairs = values.flatMap((one) => values.map((two) => ({ one, two })));
    const paths = pairs.map((pair) => fillPath(pattern, pair));
    expect(paths.map(paramsOf)).toEqual(pairs);
    expect(paths.map((path) => new URL(path, 'http://app.test').pathname)).toEqual(paths);
  });

  test('a query comes back as it went in', () => {
    const queries = values.map((a) => new URL(`http://app.test/?${encodeQuery({ a, b: 1, c: undefined })}`).searchParams);
    expect(queries.map((query) => Object.fromEntries(query))).toEqual(values.map((a) => ({ a, b: '1' })));
  });
});

describe('a link of a user, against sanitize-url', () => {
  const schemes = ['http:', 'https:', 'mailto:', 'javascript:', 'JAVASCRIPT:', 'data:', 'vbscript:', 'ftp:', 'blob:', 'file:', ''];
  const rests = ['//partner.test/a', 'alert(1)', 'a@partner.test', ''];
  const noise = ['', ' ', '\t', '\n', '\u0000', '\u200b', '&#106;', '%6a', 'java\tscript:', '//', 'x@'];

  const texts = noise.flatMap((before) => schemes.flatMap((scheme) => rests.map((after) => before + scheme + after)));

  test('what it refuses, we refuse too', () => {
    const refused = texts.filter((text) => sanitizeUrl(text) === 'about:blank');
    expect(refused.length).toBeGreaterThan(50);
    expect(refused.filter((text) => safeHref(text) !== '#')).toEqual([]);
  });

  test('what we admit is http, https or mailto', () => {
    const admitted = texts.map(safeHref).filter((href) => href !== '#');
    expect(admitted.length).toBeGreaterThan(10);
    expect(admitted.filter((href) => !/^(?:https?|mailto):/.test(href))).toEqual([]);
  });
});
