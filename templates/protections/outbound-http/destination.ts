import { isIP } from 'node:net';
import type { Config } from '#src/config.ts';
import { refused } from './outbound-error.ts';

/** Where calls may go. */
export interface Destinations {
  /** Names in lower case; undefined for every public host. */
  readonly hosts: ReadonlySet<string> | undefined;
  readonly ports: ReadonlySet<number>;
}

/** A longer one is not sent: it would only be refused, or take the other side down (ASVS V4.2.5). */
const longestUrl = 2048;

const portOf = ({ port }: URL): number => (port === '' ? 443 : Number(port));

/**
 * The URL, when calls may go there (ASVS V1.3.6). It is parsed once, by the parser that also connects: `127.1`,
 * `0x7f000001` and full-width digits are the same address to both. Addresses are looked at where connections are made.
 * @throws OutboundError `refused`, with the reason for the log as its cause.
 */
export const destinationOf = (text: string, { hosts, ports }: Destinations, base?: string): URL => {
  const url = text.length > longestUrl ? null : URL.parse(text, base);
  if (url === null) throw refused('no URL, or one that is too long');
  if (url.protocol !== 'https:') throw refused('not https'); // protect: Q451
  if (url.username !== '' || url.password !== '') throw refused('credentials in the URL'); // protect: Q451
  if (!ports.has(portOf(url))) throw refused('the port is not allowed'); // protect: Q451
  if (hosts !== undefined && !hosts.has(url.hostname)) throw refused('the host is not listed'); // protect: Q451
  return url;
};

/** The destinations of the configuration; `listed` keeps to OUTBOUND_HOSTS. */
export const destinationsOf = ({ OUTBOUND_HOSTS, OUTBOUND_PORTS }: Config, reach: 'listed' | 'public'): Destinations => ({
  hosts: reach === 'public' ? undefined : new Set(OUTBOUND_HOSTS), // protect: Q451 (reach === 'public' ? undefined : new Set(OUTBOUND_HOSTS) -> undefined)
  ports: new Set(OUTBOUND_PORTS.map(Number)),
});

const label = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/;

/** The name of one host as a URL has it, and no address. */
const isHostName = (text: string): boolean => {
  const labels = text.split('.');
  return labels.length > 1 && labels.every((part) => label.test(part)) && isIP(text) === 0 && URL.parse(`https://${text}/`)?.hostname === text;
};

/** What is wrong with the lists of the configuration, one sentence each. */
export const destinationProblems = ({ OUTBOUND_HOSTS, OUTBOUND_PORTS }: Config): string[] => [
  ...OUTBOUND_HOSTS.flatMap((host, index) =>
    isHostName(host) ? [] : [`OUTBOUND_HOSTS: entry ${index + 1} is not the whole name of a host, in lower case and without a port`],
  ),
  ...OUTBOUND_PORTS.flatMap((port, index) =>
    /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535 ? [] : [`OUTBOUND_PORTS: entry ${index + 1} is not a port`],
  ),
];
