import type { RequestContext } from '#src/protections/app-core/context.ts';

/** The eight groups of an IPv6 address; an IPv4 tail counts as two. */
const groupsOf = (address: string): number[] => {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const parse = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0), ...right];
};

/**
 * What an address counts as: an IPv4 address as itself, also when it is mapped into IPv6, and an IPv6 address as its /64,
 * which is what a single customer gets: one client has 2^64 addresses to rotate through.
 */
export const networkOf = (address: string): string => {
  if (!address.includes(':')) return address;
  const groups = groupsOf(address);
  const [g6 = 0, g7 = 0] = groups.slice(6);
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return [g6 >> 8, g6 & 255, g7 >> 8, g7 & 255].join('.');
  const network = groups.slice(0, 4); // protect: Q429 (groups.slice(0, 4) -> groups)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
};

/** Whom a request counts for: its API key, else its user, else the network it comes from. */
export const actorOf = ({ actor, clientIp }: RequestContext): string => {
  if (actor?.apiKey !== undefined) return `key:${actor.apiKey}`; // protect: Q429
  if (actor !== undefined) return `user:${actor.id}`; // protect: Q429
  return `ip:${networkOf(clientIp)}`;
};
