import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** An address as it was seen on a connection or in a header. */
export interface Hop {
  /** In canonical form: IPv4 that came as mapped IPv6 is IPv4 again. */
  readonly address: string;
  readonly trusted: boolean;
}

/** Wider ranges trust a part of the internet, as good as `trust everybody`. */
const narrowest = { ipv4: 8, ipv6: 16 } as const;

/** Reads addresses and CIDR ranges; says by position which entries are unusable. */
export const parseProxies = (entries: readonly string[]): { readonly ranges: readonly Range[]; readonly problems: readonly string[] } => {
  const ranges: Range[] = [];
  const problems: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const range = parseRange(entry);
    if (range === undefined) problems.push(`TRUSTED_PROXIES: entry ${index + 1} is not an IP address or a CIDR range`);
    // protect: Q439 (range[1] < narrowest[range[0].kind()] -> false)
    else if (range[1] < narrowest[range[0].kind()])
      problems.push(`TRUSTED_PROXIES: entry ${index + 1} is so wide that strangers are in it`);
    else ranges.push(range);
  }
  return { ranges, problems };
};

const parseRange = (entry: string): Range | undefined => {
  const [address = ''] = entry.split('/');
  // net.isIP first: ipaddr.js alone also reads `1`, `0x7f.1` and octal digits as addresses.
  const version = isIP(address);
  const text = address === entry ? `${entry}/${version === 4 ? 32 : 128}` : entry;
  return version !== 0 && ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
};

const memoryLimit = 4_096;

/** Knows the proxies in front of the app. Remembers addresses it has seen, so that a request costs one look-up. */
export class TrustedProxies {
  readonly #ranges: readonly Range[];
  readonly #seen = new Map<string, Hop>();

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /** @returns undefined when `text` is no IP address. */
  look(text: string): Hop | undefined {
    return this.#seen.get(text) ?? this.#examine(text);
  }

  /**
   * The client behind a chain such as `client, proxy1, proxy2` (X-Forwarded-For). Walks from the nearest hop outwards
   * and stops at the first that is not ours: what stands left of it was written by a stranger.
   * @returns undefined when an entry on the way is no IP address.
   */
  clientOf(chain: string): string | undefined {
    let hop: Hop | undefined;
    const hops = chain.split(',');
    for (let text = hops.pop(); text !== undefined; text = hops.pop()) {
      hop = this.look(text.trim());
      if (hop === undefined) return undefined;
      if (!hop.trusted) return hop.address; // protect: Q439
    }
    return hop?.address;
  }

  #examine(text: string): Hop | undefined {
    if (isIP(text) === 0) return undefined;
    const address = ipaddr.process(text);
    const hop = {
      address: address.toString(),
      trusted: this.#ranges.some((range) => range[0].kind() === address.kind() && address.match(range)),
    };
    // Bounded: whoever owns an IPv6 network owns more addresses than we have memory (CWE-770).
    if (this.#seen.size >= memoryLimit) this.#seen.clear();
    this.#seen.set(text, hop);
    return hop;
  }
}
