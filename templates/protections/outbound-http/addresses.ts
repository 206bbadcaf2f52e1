import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Looks public, and answers every virtual machine of Azure with its secrets. */
const platformAddresses: ReadonlySet<string> = new Set(['168.63.129.16']);

/**
 * Whether an IP address belongs to the public internet. Everything else is this machine, this network, the metadata
 * service of the cloud, a tunnel to one of them (6to4, Teredo, NAT64), or nobody's (CWE-918; IANA special-purpose
 * registries, RFC 6890). What is no IP address is not public.
 */
export const isPublicAddress = (text: string): boolean => {
  if (isIP(text) === 0) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false; // protect: Q451
  // All that was ever assigned is in 2000::/3 (RFC 4291); `::127.0.0.1` is not, and counts as unicast all the same.
  if (address instanceof ipaddr.IPv6) return ((address.parts[0] ?? 0) & 0xe000) === 0x2000; // protect: Q451 (((address.parts[0] ?? 0) & 0xe000) === 0x2000 -> true)
  return !platformAddresses.has(address.toString()); // protect: Q451 (!platformAddresses.has(address.toString()) -> true)
};
