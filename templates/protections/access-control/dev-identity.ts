import { BlockList } from 'node:net';
import type { IdentityProvider } from '../app-core/routing.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const credential = /^Dev ([\w.@-]{1,64})((?: [a-z][a-z\d-]{0,31}){0,8})$/;

/**
 * `Authorization: Dev alice admin`: alice, with the role admin. For `npm run dev` only, before the app has a login. The
 * address is that of the connection; a page of another site cannot send the header without asking first (CORS).
 */
export const devIdentity: IdentityProvider = ({ socket, headers }) => {
  const match = credential.exec(headers.authorization ?? '');
  if (match === null) return undefined;
  const address = socket.remoteAddress ?? '';
  if (!loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')) return undefined; // protect: Q463
  const [, id = '', roles = ''] = match;
  return { id, roles: roles.split(' ').filter((role) => role !== '') };
};
