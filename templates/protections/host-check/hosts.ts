import { isIPv6 } from 'node:net';

const split = /^(?<name>\[[^\]]*\]|[^:]*)(?::(?<port>[1-9]\d{0,4}))?$/;
const dotted = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Reads `host` or `host:port` as RFC 9110 section 7.2 writes it: a name, an IPv4 address or an [IPv6] address.
 * @returns the host in lower case, or undefined when it is none: user info, a path, a trailing dot, a port beyond 65535.
 */
export const parseHost = (text: string): string | undefined => {
  const host = text.toLowerCase();
  const { name = '', port = '1' } = split.exec(host)?.groups ?? {};
  const isName = name.startsWith('[') ? isIPv6(name.slice(1, -1)) : name.length <= 253 && dotted.test(name);
  return isName && Number(port) <= 65_535 ? host : undefined;
};

const loopbackNames: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The hosts the app answers for: that of `baseUrl`, and the listed ones. The default port of the scheme may be written
 * out or left out. Where `baseUrl` is a loopback address, all names of the loopback interface count as one.
 */
export const compileHosts = (
  baseUrl: string,
  listed: readonly string[],
): { readonly hosts: ReadonlySet<string>; readonly problems: readonly string[] } => {
  const base = new URL(baseUrl);
  const defaultPort = base.protocol === 'https:' ? ':443' : ':80';
  const names = loopbackNames.includes(base.hostname) ? loopbackNames : [base.hostname];
  const own = names.map((name) => (base.port === '' ? name : `${name}:${base.port}`));
  const parsed = listed.map(parseHost);
  const hosts = new Set<string>();
  for (const host of [...own, ...parsed]) {
    if (host === undefined) continue;
    hosts.add(host);
    if (!/:\d+$/.test(host)) hosts.add(host + defaultPort);
    if (host.endsWith(defaultPort)) hosts.add(host.slice(0, -defaultPort.length));
  }
  const problems = parsed.flatMap((host, index) =>
    host === undefined ? [`ALLOWED_HOSTS: entry ${index + 1} is not a host or host:port`] : [],
  );
  return { hosts, problems };
};
