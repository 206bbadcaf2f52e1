import { createHmac } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import { safeEqual } from '#src/protections/encryption/safe-equal.ts';

type App = Pick<AppContext, 'clock' | 'services'>;

/** Nobody reads a form and writes in it faster than this, ms. */
export const leastMs = 3000;
/** How long a form may lie open, ms: what was harvested once is not good for ever. */
export const mostMs = 3_600_000;

const macOf = ({ services }: App, time: string): string => createHmac('sha256', services.keys.hmacKey('contact-form')).update(time).digest('base64url');

const ticketOf = (app: App, time: number): string => `${time}.${macOf(app, String(time))}`;

/** When a form was shown, signed: whoever fills it in sends it along. */
export const newTicket = (app: App): string => ticketOf(app, app.clock.now());

/** How long ago the form of a ticket was shown, ms; undefined for a ticket that is not of this app. */
export const ageOf = (app: App, ticket: string): number | undefined => {
  const [, time = '', mac = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(ticket) ?? [];
  if (!safeEqual(mac, macOf(app, time))) return undefined; // protect: Q431
  return app.clock.now() - Number(time);
};

/** The ticket of a form that is shown again: who was refused once need not wait once more. */
export const ticketAgain = (app: App, ticket: string): string => {
  const age = ageOf(app, ticket);
  if (age === undefined) return newTicket(app);
  return age > mostMs ? ticketOf(app, app.clock.now() - leastMs) : ticket;
};
