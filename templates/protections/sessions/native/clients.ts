import type { Config } from '#src/config.ts';

/** An app of one's own, and the one address at which the browser calls it back. */
export interface NativeClient {
  readonly id: string;
  readonly redirectUri: string;
}

const entry = /^(?<id>[a-z][a-z\d-]{0,31})=(?<redirectUri>\S{1,500})$/;

/** An https address, which the system gives to the app of that host, or a scheme that a reversed domain name makes one's own (RFC 8252 section 7). */
const isUsable = (redirectUri: string): boolean => {
  const url = URL.parse(redirectUri);
  if (url === null || url.hash !== '' || url.search !== '' || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || /^[a-z][a-z\d+-]*(?:\.[a-z\d+-]+)+:$/.test(url.protocol);
};

/** Reads NATIVE_CLIENTS. With a problem the app does not start; it names entries by their place, never their text. */
export const parseClients = ({ NATIVE_CLIENTS }: Pick<Config, 'NATIVE_CLIENTS'>): { readonly clients: readonly NativeClient[]; readonly problems: readonly string[] } => {
  const clients: NativeClient[] = [];
  const problems: string[] = [];
  for (const [index, text] of NATIVE_CLIENTS.entries()) {
    const { id = '', redirectUri = '' } = entry.exec(text)?.groups ?? {};
    const place = `NATIVE_CLIENTS: entry ${index + 1}`;
    if (id === '') problems.push(`${place} is not \`name=address\``);
    // A scheme without a dot can be taken by any app on the device, and plain http by the network.
    if (id !== '' && !isUsable(redirectUri)) problems.push(`${place} must lead to https or to a scheme like com.example.app`); // protect: Q418
    clients.push({ id, redirectUri });
  }
  return { clients, problems };
};
