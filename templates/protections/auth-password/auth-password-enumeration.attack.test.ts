import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { countArgon2 } from '#tests/support/auth-password/crypto-spy.ts';
import { goodPassword, login, makePerson } from '#tests/support/auth-password/people.ts';
import type { Received } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { makeUser } from '#tests/support/sessions/people.ts';

const app = await startApp();
const { query: db } = app.context.services.db;
const wrongPassword = 'not the password of anybody';

/** Every kind of account that must not be told from one that does not exist. */
const accounts = async () => {
  const [known, disabled, unverified] = [await makePerson(app), await makePerson(app), await makePerson(app)];
  await db.updateTable('users').set({ disabled_at: new Date(app.clock.now()) }).where('id', '=', disabled.userId).execute();
  await db.updateTable('users').set({ email_verified_at: null }).where('id', '=', unverified.userId).execute();
  const { email } = await makeUser(app);
  return {
    'a wrong password': { ...known, password: wrongPassword },
    'an unknown address': { email: `${randomUUID()}@people.test`, password: goodPassword },
    'a disabled account': disabled,
    'an address that was never verified': unverified,
    'an account without a password': { email, password: goodPassword },
  };
};

/** All that a client sees of an answer. */
const seen = ({ status, text, rawHeaders }: Received): string => {
  const headers = rawHeaders.filter((_value, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'date');
  return JSON.stringify([status, headers, text]).replaceAll(/\\"(errorId|requestId|instance)\\":\\"[^"]*\\"/g, '');
};

benign('whoever has an account signs in', async () => {
  assert.equal((await login(new Browser(app), await makePerson(app))).status, 200);
});

attack('Q447', 'an address in any spelling is one account', async () => {
  const person = await makePerson(app);
  await assert.rejects(makePerson(app, { email: person.email.toUpperCase() }), /is taken/);
  for (const email of [person.email, person.email.toUpperCase(), person.email.replace('@people', '@People')]) {
    assert.equal((await login(new Browser(app), { ...person, email })).status, 200, email);
  }
});

attack('Q447', 'a sign-in that fails looks the same to the byte, whatever it fails for', async () => {
  const tries = Object.entries(await accounts());
  const answers: string[] = [];
  for (const [name, credentials] of tries) {
    const answer = await login(new Browser(app), credentials);
    assert.equal(answer.status, 401, name);
    assert.equal(answer.headers['set-cookie'], undefined, name);
    answers.push(seen(answer));
  }
  assert.deepEqual(new Set(answers).size, 1, answers.join('\n'));
  assert.equal((await login(new Browser(app), await makePerson(app))).status, 200);
});

attack('Q447', 'a sign-in that fails has hashed once, with the same parameters, whatever it fails for', async () => {
  const tries = Object.entries(await accounts());
  for (const [name, credentials] of [...tries, ['the right password', await makePerson(app)] as const]) {
    const browser = new Browser(app);
    await browser.csrfToken();
    const calls = await countArgon2(async () => void (await login(browser, credentials)));
    assert.deepEqual(calls, { count: 1, mostAtOnce: 1, mostMemory: 19_456 }, name);
  }
});

attack('Q447', 'every sign-in that fails leaves the same trace for the owner of the app, and no address in the log', async () => {
  const tries = Object.entries(await accounts());
  for (const [name, credentials] of tries) {
    app.log.clear();
    await login(new Browser(app), credentials);
    const lines = app.log.lines.filter((line) => line['securityEvent'] === 'sign-in.failed');
    assert.equal(lines.length, 1, name);
    assert.ok(!app.log.text.includes(credentials.email), name);
    assert.ok(!app.log.text.includes(credentials.password), name);
  }
});
