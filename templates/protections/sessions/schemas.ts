import Type from 'typebox';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, uuid } from '#src/protections/validation/formats.ts';

/** The user of a request, for themselves. */
export const Me = closed({ id: Type.String(), email: Type.Optional(Type.String()), roles: Type.Array(Type.String()) });

/** One session in the list of its user. */
export const ListedSession = closed({
  id: uuid(),
  /** True for the session that asks. */
  current: Type.Boolean(),
  way: Type.String(),
  /** What browser it is, roughly: `Firefox on Linux`. */
  client: Type.String(),
  address: Type.String(),
  createdAt: dateTime(),
  lastSeenAt: dateTime(),
});
export const SessionList = closed({ items: Type.Array(ListedSession) });

export const ById = closed({ id: uuid() });
