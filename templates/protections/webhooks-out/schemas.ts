import Type from 'typebox';
import { oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text, uuid } from '#src/protections/validation/formats.ts';

export const Id = closed({ id: uuid() });

const events = () => Type.Array(text(100, 1), { minItems: 1, maxItems: 100 });

export const NewEndpoint = closed({ url: text(2048, 1), events: events() });

const endpoint = { id: uuid(), url: Type.String(), events: events(), createdAt: dateTime(), failingSince: Type.Optional(dateTime()), disabledAt: Type.Optional(dateTime()) };

/** Without its secret. */
export const Endpoint = closed(endpoint);
export const EndpointList = closed({ items: Type.Array(Endpoint) });

/** What stands in one answer and in no other. */
export const CreatedEndpoint = closed({ ...endpoint, secret: Type.String() });
export const NewSecret = closed({ secret: Type.String(), previousUntil: dateTime() });

export const Delivery = closed({
  id: uuid(),
  type: Type.String(),
  status: oneOf(['waiting', 'delivered', 'dead']),
  attempts: Type.Integer(),
  lastStatus: Type.Optional(Type.Integer()),
  lastFailure: Type.Optional(Type.String()),
  createdAt: dateTime(),
  finishedAt: Type.Optional(dateTime()),
});
export const DeliveryList = closed({ items: Type.Array(Delivery) });
export const TestSent = closed({ delivery: uuid() });
