import Type from 'typebox';
import { ok } from '#src/protections/app-core/reply.ts';
import { type InputSchemas, defineModule, route } from '#src/protections/app-core/route.ts';
import { closed } from '#src/protections/validation/core.ts';
import { date, email, text } from '#src/protections/validation/formats.ts';
import { literal } from '#src/protections/validation/literal.ts';
import { mergeDeclared } from '#src/protections/validation/merge.ts';
import { type Rule, inOrder, minimumAge, ruled } from '#src/protections/validation/rules.ts';

/** A row as a table would hold it: with columns that no action of the user may set. */
export const row = {
  id: 'u1',
  name: 'Ada',
  role: 'user',
  tenantId: 't1',
  isAdmin: false,
  emailVerified: false,
  profile: { bio: '', role: 'user' },
};

/** What a user may change of their settings. */
export const settings = { theme: 'light', language: 'en', plan: 'free' };

/** What the handlers got, in order. */
export const seen: unknown[] = [];

const Me = closed({ name: Type.Optional(text(50, 1)), profile: Type.Optional(closed({ bio: text(200) })) });
const MeSeen = closed({ id: Type.String(), name: Type.String(), role: Type.String() });
const Settings = closed({
  theme: Type.Optional(Type.Union([Type.Literal('light'), Type.Literal('dark')])),
  language: Type.Optional(text(5)),
});
const SettingsSeen = closed({ theme: Type.String(), language: Type.String(), plan: Type.String() });
const Note = closed({
  text: Type.Optional(text(10_000)),
  count: Type.Optional(Type.Number()),
  email: Type.Optional(email()),
  deep: Type.Optional(closed({ list: Type.Array(closed({ role: text(20) }), { maxItems: 5 }) })),
});
const Page = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  ratio: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  exact: Type.Optional(Type.Boolean()),
  size: Type.Optional(Type.Union([Type.Literal(10), Type.Literal('all')])),
  q: Type.Optional(text(100)),
  tag: Type.Optional(Type.Array(text(20), { maxItems: 3 })),
});
const Echo = closed({ seen: Type.String() });

const postcodes: Readonly<Record<string, RegExp>> = { DE: /^\d{5}$/, NL: /^\d{4} ?[A-Z]{2}$/ };

const postcodeOfCountry: Rule<{ country: string; postcode: string }> = {
  name: 'postcode-of-country',
  path: '/postcode',
  says: 'The postcode has the form of its country.',
  holds: ({ country, postcode }) => postcodes[country]?.test(postcode) ?? false,
};

const Booking = ruled(
  closed({
    email: email(),
    birthDate: date(),
    start: date(),
    end: date(),
    country: Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 }),
    postcode: text(10),
  }),
  [inOrder('start', 'end'), minimumAge('birthDate', 18), postcodeOfCountry],
);

const words = ['plain', 'a.b', 'axb', '(x+x+)+y'];

export const fixture = defineModule({
  id: 'validation-fixture',
  prefix: '/fixture',
  routes: [
    route(
      { method: 'PATCH', path: '/me', access: 'public', input: { body: Me }, output: MeSeen, summary: 'Changes the own name' },
      ({ input }) => {
        row.name = input.body.name ?? row.name;
        row.profile.bio = input.body.profile?.bio ?? row.profile.bio;
        return ok(row);
      },
    ),
    route(
      { method: 'PATCH', path: '/settings', access: 'public', input: { body: Settings }, output: SettingsSeen, summary: 'Merges settings' },
      ({ input }) => ok(Object.assign(settings, mergeDeclared(['theme', 'language'], settings, input.body))),
    ),
    route(
      { method: 'POST', path: '/notes', access: 'public', input: { body: Note }, output: Echo, summary: 'Stores a note' },
      ({ input }) => {
        seen.push(input.body);
        return ok({ seen: JSON.stringify(input.body) });
      },
    ),
    route({ method: 'POST', path: '/bookings', access: 'public', input: { body: Booking }, output: Echo, summary: 'Books' }, ({ input }) =>
      ok({ seen: input.body.start }),
    ),
    route({ method: 'GET', path: '/items', access: 'public', input: { query: Page }, output: Echo, summary: 'Lists' }, ({ input }) => {
      seen.push(input.query);
      return ok({ seen: JSON.stringify(input.query) });
    }),
    route(
      {
        method: 'GET',
        path: '/items/:id',
        access: 'public',
        input: { params: closed({ id: text(50, 1) }) },
        output: Echo,
        summary: 'Shows',
      },
      ({ input }) => ok({ seen: input.params.id }),
    ),
    route(
      {
        method: 'GET',
        path: '/search',
        access: 'public',
        input: { query: closed({ q: text(100, 1) }) },
        output: Echo,
        summary: 'Searches',
      },
      ({ input }) => {
        const wanted = literal(input.query.q);
        return ok({ seen: words.filter((word) => wanted.test(word)).join(' ') });
      },
    ),
    route({ method: 'GET', path: '/private', access: 'user', input: {}, output: Echo, summary: 'For users' }, ({ context }) => {
      seen.push(context.actor?.id);
      return ok({ seen: 'private' });
    }),
  ],
});

/** A module that boots only if its input schemas are strict. */
export const moduleWith = (input: InputSchemas) =>
  defineModule({
    id: 'loose',
    prefix: '/loose',
    routes: [
      route({ method: 'POST', path: '/', access: 'public', input, output: Echo, summary: 'Takes too much' }, () => ok({ seen: '' })),
    ],
  });
