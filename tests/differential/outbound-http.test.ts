import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../templates/protections/outbound-http/addresses.ts';

/** Numbers that look random and are the same in every run. */
const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** The IANA special-purpose registries of 2025, multicast and class E, and one address of a cloud. */
const specialIPv4 = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24
  192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4
  240.0.0.0/4 168.63.129.16/32`
  .trim()
  .split(/\s+/);

/** What is not in 2000::/3, and the special parts of it. */
const specialIPv6 = '::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20'.split(' ');

const rangesOf = (list: readonly string[]) => list.map((range) => ({ base: range.split('/')[0] ?? '', bits: Number(range.split('/')[1]) }));

/** One list for each kind: Node compares IPv4 with ranges of IPv6 too, as `::ffff:0:0/96`. */
const blocked = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const { base, bits } of rangesOf(specialIPv4)) blocked.ipv4.addSubnet(base, bits, 'ipv4');
for (const { base, bits } of rangesOf(specialIPv6)) blocked.ipv6.addSubnet(base, bits, 'ipv6');

/** A mapped address is the IPv4 address in it. */
const publicToNode = (address: string): boolean => {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/, '');
  const family = plain.includes(':') ? 'ipv6' : 'ipv4';
  return !blocked[family].check(plain, family);
};

const toIPv4 = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const fromIPv4 = (text: string): number => text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
const toIPv6 = (value: bigint): string => (value.toString(16).padStart(32, '0').match(/.{4}/g) ?? []).join(':');

const fromIPv6 = (text: string): bigint => {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const filled = [...groups(head), ...Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0'), ...groups(tail)];
  return BigInt(`0x${filled.map((group) => group.padStart(4, '0')).join('')}`);
};

/** The first and last address of a range, and the ones beside them. */
const edgesOf = (base: bigint, bits: number, width: number): bigint[] => {
  const size = 1n << BigInt(width - bits);
  return [base - 1n, base, base + 1n, base + size - 1n, base + size].filter((value) => value >= 0n && value < 1n << BigInt(width));
};

describe('public addresses, against the BlockList of Node and the IANA registries', () => {
  const random = randomNumbers(4);
  const disagreeing = (addresses: readonly string[]): string[] => addresses.filter((address) => isPublicAddress(address) !== publicToNode(address));

  test('the edges of every special range', () => {
    const four = rangesOf(specialIPv4).flatMap(({ base, bits }) => edgesOf(BigInt(fromIPv4(base)), bits, 32).map((value) => toIPv4(Number(value))));
    const six = rangesOf(specialIPv6).flatMap(({ base, bits }) => edgesOf(fromIPv6(base), bits, 128).map(toIPv6));
    // ::ffff:0:0/96 is IPv4 in other clothes, and is judged as such.
    expect(disagreeing([...four, ...six, ...four.map((address) => `::ffff:${address}`)])).toEqual([]);
  });

  test('20,000 IPv4 and 20,000 IPv6 addresses, half of them in 2000::/3', () => {
    const four = Array.from({ length: 20_000 }, () => toIPv4(Math.floor(random() * 2 ** 32)));
    const anyIPv6 = (): bigint => Array.from({ length: 8 }, () => BigInt(Math.floor(random() * 65_536))).reduce((value, group) => (value << 16n) | group, 0n);
    const six = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? anyIPv6() : (anyIPv6() >> 3n) | (1n << 125n))).map(toIPv6);
    expect(disagreeing([...four, ...six])).toEqual([]);
  });

  test('what is no address is not public', () => {
    for (const text of ['', 'localhost', '1', '127.1', '0x7f.1', '1.2.3', '1.2.3.4.5', '8.8.8.8/8', '[2606::1]', '::g', '08.8.8.8']) expect(isPublicAddress(text), text).toBe(false);
  });
});
