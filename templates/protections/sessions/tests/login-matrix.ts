import type { RoutePolicy } from '#src/protections/app-core/route.ts';
import { factorsOf } from '#src/protections/sessions/factors.ts';
import type { TestApp } from '#tests/support/app.ts';
import type { Received } from '#tests/support/http.ts';
import { Browser } from './browser.ts';
import type { Candidate, DeclaredWay } from './login-ways.ts';
import { ageAttempts, settled, signedIn } from './people.ts';

const me = '/api/v1/me';

const nameOf = ({ method, fullPath }: RoutePolicy): string => `${method} ${fullPath}`;

/** Routes that open a session and that nothing tries, and ways that no route is; one sentence each. */
export const undeclaredWays = (inventory: readonly RoutePolicy[], ways: readonly Pick<DeclaredWay, 'way' | 'route'>[]): string[] => {
  const opening = inventory.filter(({ signsIn }) => signsIn !== undefined);
  return [
    ...opening
      .filter((policy) => !ways.some(({ way, route }) => way === policy.signsIn && route === nameOf(policy)))
      .map((policy) => `${nameOf(policy)} signs in by \`${policy.signsIn}\`, but no tests/support/*/login-ways.ts says how to try it`),
    ...ways
      .filter(({ way, route }) => !opening.some((policy) => policy.signsIn === way && nameOf(policy) === route))
      .map(({ way, route }) => `${route} is declared as the way \`${way}\`, but there is no such route`),
  ];
};

/** Two processes of one app, as far as a test can have them: two instances on one database. */
export type Instances = readonly [first: TestApp, second: TestApp];

type Check = (way: DeclaredWay, apps: Instances) => Promise<string | undefined>;

const isSignedIn = async (browser: Browser): Promise<boolean> => (await browser.get(me)).status === 200;

const countEvents = async ({ context }: TestApp, type: string, way: string, userId: string | null): Promise<number> => {
  const { db } = context.services;
  const rows = await db.query.selectFrom('security_events').select(['type', 'details', 'user_id']).where('user_id', userId === null ? 'is' : '=', userId).execute();
  return rows.filter((row) => row.type === type && row.details['way'] === way).length;
};

/** All of an answer that a client could tell two answers by. */
const comparable = ({ status, headers, text }: Received): string => {
  const { date: _date, ...others } = headers;
  return JSON.stringify([status, others, text]).replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, '<id>');
};

/** Signs `person` in with everything as it should be. */
const opens: Check = async (way, [app]) => {
  const person = await way.person(app);
  const browser = new Browser(app);
  const { status, text } = await person.right(browser);
  if (status >= 400) return `the right proof answers ${status} ${text}`;
  if (!(await isSignedIn(browser))) return 'the right proof opens no session';
  return (await countEvents(app, 'sign-in.succeeded', way.way, person.userId)) === 1 ? undefined : 'a sign-in leaves no security event';
};

const recordsFailures: Check = async (way, [app]) => {
  const person = await way.person(app);
  const browser = new Browser(app);
  const { status } = await person.wrong(browser);
  if (status < 400 || status >= 500 || (await isSignedIn(browser))) return `a wrong proof answers ${status}`;
  return (await countEvents(app, 'sign-in.failed', way.way, person.userId)) === 1 ? undefined : 'a wrong proof leaves no security event';
};

/** Fixation: whatever cookie the browser came with, it leaves with another, and the one it came with opens nothing. */
const renewsTheCookie: Check = async (way, [app]) => {
  const browser = await signedIn(app);
  const before = browser.copy();
  await (await way.person(app)).right(browser);
  if (browser.session === before.session) return 'the cookie from before the sign-in stays';
  return (await isSignedIn(before)) ? 'the session from before the sign-in goes on' : undefined;
};

const adoptsNothing: Check = async (way, [app]) => {
  const invented = 'A'.repeat(43);
  const browser = new Browser(app);
  browser.setCookie('sid', invented);
  const planted = browser.copy();
  await (await way.person(app)).right(browser);
  return browser.session === invented || (await isSignedIn(planted)) ? 'a cookie that somebody made up becomes a session' : undefined;
};

const refusesTheDisabled: Check = async (way, [app]) => {
  const person = await way.person(app);
  await app.context.services.db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', person.userId).execute();
  await settled(app);
  const browser = new Browser(app);
  const { status } = await person.right(browser);
  return status < 400 || (await isSignedIn(browser)) ? 'a disabled user gets in' : undefined;
};

/** Nobody learns from an answer whether an account is there, disabled, or only proven wrong. */
const answersAlike: Check = async (way, [app]) => {
  const [known, disabled] = [await way.person(app), await way.person(app)];
  await app.context.services.db.query.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', disabled.userId).execute();
  const wrong = comparable(await known.wrong(new Browser(app)));
  if (comparable(await way.unknown(new Browser(app))) !== wrong) return 'somebody unknown is answered differently from somebody with a wrong proof';
  return comparable(await disabled.right(new Browser(app))) === wrong ? undefined : 'a disabled user is answered differently from a wrong proof';
};

/** Somebody with a second factor does not get past it; a way that proves two factors at once is not asked for a third. */
const asksForTheSecondFactor: Check = async (way, [app]) => {
  const person = await way.person(app);
  const { secondFactors } = factorsOf(app.context);
  secondFactors.push({ id: 'matrix', isEnrolled: async (_db, userId) => userId === person.userId });
  try {
    const browser = new Browser(app);
    await person.right(browser);
    const { status, text } = await browser.get(me);
    if (way.factors === 'many') return status === 200 ? undefined : 'it proves many factors, and yet another one is asked for';
    return status === 403 && text.includes('second_factor_required') ? undefined : `the second factor is not asked for: ${me} answers ${status}`;
  } finally {
    secondFactors.pop();
  }
};

/** Wrong tries from many addresses, at both instances in turn, until one is too many. */
const exhaust = async ({ tries }: DeclaredWay, person: Candidate, apps: Instances): Promise<Received | undefined> => {
  for (let tried = 0; tried <= tries; tried += 1) {
    const answer = await person.wrong(new Browser(tried % 2 === 0 ? apps[0] : apps[1]));
    if (answer.status === 429) return answer;
  }
  return undefined;
};

const limitsTries: Check = async (way, apps) => {
  const person = await way.person(apps[0]);
  const refused = await exhaust(way, person, apps);
  if (refused === undefined) return `${way.tries + 1} wrong tries for one account, from many addresses, at two instances: no 429`;
  if (!(Number(refused.headers['retry-after']) > 0)) return 'the 429 does not say how long to wait';
  for (const app of apps) {
    const browser = new Browser(app);
    const { status } = await person.right(browser);
    if (status !== 429 || (await isSignedIn(browser))) return `after too many tries the right proof answers ${status} at another instance`;
  }
  await ageAttempts(apps[0], 86_400, person.subjects);
  const { status } = await person.right(new Browser(apps[1]));
  return status < 400 ? undefined : `after a day the right proof still answers ${status}: anybody can lock anybody out`;
};

const checks: readonly Check[] = [opens, recordsFailures, renewsTheCookie, adoptsNothing, refusesTheDisabled, answersAlike, asksForTheSecondFactor, limitsTries];

/** What one way lacks of what every way must do (ASVS V6.3.4), one sentence each. */
export const wayGaps = async (way: DeclaredWay, apps: Instances): Promise<string[]> => {
  const gaps: string[] = [];
  for (const check of checks) {
    const gap = await check(way, apps);
    if (gap !== undefined) gaps.push(`${way.way}: ${gap}`);
  }
  return gaps;
};
