import assert from 'node:assert/strict';
import { type AdminExistsError, makeAdmin } from '#src/protections/accounts/make-admin.ts';
import { startApp } from '#tests/support/app.ts';
import { dumpOf } from '#tests/support/accounts/dump.ts';
import { accept, newAddress, signUp, verify } from '#tests/support/accounts/sign-up.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { lastCode, lastLink, mailsTo } from '#tests/support/auth-password/mail-links.ts';
import { goodPassword, login, makePerson } from '#tests/support/auth-password/people.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageProof, makeUser, signedIn } from '#tests/support/sessions/people.ts';

const app = await startApp();
const { query: db } = app.context.services.db;
const hour = 3_600_000;

/** A browser of an administrator. */
const adminBrowser = async () => signedIn(app, await makeUser(app, { roles: ['admin'] }));

const invite = async (body: { readonly email: string; readonly roles?: readonly string[] }, browser?: Browser) =>
  (browser ?? (await adminBrowser())).post('/auth/invitations', body);

const rolesOf = async (email: string): Promise<readonly string[] | undefined> =>
  (await db.selectFrom('users').select('roles').where('email', '=', email).executeTakeFirst())?.roles;

benign('an administrator invites somebody, who chooses a password and signs in', async () => {
  const email = newAddress();
  assert.equal((await invite({ email, roles: ['editor'] })).status, 202);
  const link = await lastLink(app, email);
  assert.ok(link.href.startsWith('http://app.test/invitation?code='));
  assert.equal((await accept(app, link.searchParams.get('code'))).status, 204);
  assert.deepEqual((await login(new Browser(app), { email, password: goodPassword })).json(), { state: 'signed-in' });
  assert.deepEqual(await rolesOf(email), ['editor']);
});

benign('the first administrator is made on the command line, with an account or without one', async () => {
  const person = await makePerson(app);
  assert.equal(await makeAdmin(app.context, person.email.toUpperCase(), { another: true }), 'granted');
  assert.deepEqual(await rolesOf(person.email), ['admin']);
  const email = newAddress();
  assert.equal(await makeAdmin(app.context, email, { another: true }), 'invited');
  assert.equal((await accept(app, await lastCode(app, email))).status, 204);
  assert.deepEqual(await rolesOf(email), ['admin']);
});

attack('A3', 'nobody but an administrator with a fresh proof invites', async () => {
  const email = newAddress();
  const [somebody, admin] = [await signedIn(app), await makeUser(app, { roles: ['admin'] })];
  const tired = await signedIn(app, admin);
  await ageProof(app, admin.id);
  assert.equal((await invite({ email }, new Browser(app))).status, 401);
  assert.equal((await invite({ email }, somebody)).status, 403);
  const answer = await invite({ email }, tired);
  assert.equal(answer.status, 403);
  assert.equal(answer.json()['code'], 'step_up_required');
  assert.deepEqual(await mailsTo(app, email), []);
  assert.equal((await invite({ email })).status, 202);
  assert.equal((await mailsTo(app, email)).length, 1);
});

attack('A3', 'roles come from the invitation: none from whoever accepts, none that is for machines', async () => {
  const email = newAddress();
  assert.equal((await invite({ email, roles: ['service'] })).status, 422);
  assert.equal((await invite({ email, roles: ['Admin, admin'] })).status, 422);
  assert.deepEqual(await mailsTo(app, email), []);
  assert.equal((await invite({ email })).status, 202);
  const code = await lastCode(app, email);
  assert.equal((await new Browser(app).post('/auth/invitations/accept', { code, password: goodPassword, roles: ['admin'] })).status, 422);
  assert.equal((await new Browser(app).post('/auth/invitations/accept', { code, password: goodPassword, email: newAddress() })).status, 422);
  assert.equal((await accept(app, code)).status, 204);
  assert.deepEqual(await rolesOf(email), []);
});

attack('A3', 'an invitation that was used, replaced, is three days old, or is invented: refused alike, and no account', async () => {
  const used = newAddress();
  await invite({ email: used });
  const usedCode = await lastCode(app, used);
  const three = await Promise.all(Array.from({ length: 3 }, () => accept(app, usedCode)));
  assert.deepEqual(three.map(({ status }) => status).toSorted((a, b) => a - b), [204, 400, 400]);
  const email = newAddress();
  await invite({ email, roles: ['admin'] });
  const replaced = await lastCode(app, email);
  await invite({ email });
  const code = await lastCode(app, email);
  const early = await accept(app, replaced);
  assert.equal(early.status, 400);
  app.clock.advance(72 * hour);
  const answers = await Promise.all([usedCode, code, `${code}x`, code.slice(1), 'A'.repeat(43)].map((wrong) => accept(app, wrong)));
  assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)), new Set([`${early.status} ${early.text}`]));
  assert.equal(await rolesOf(email), undefined);
  await invite({ email });
  assert.equal((await accept(app, await lastCode(app, email))).status, 204);
  assert.deepEqual(await rolesOf(email), []);
});

attack('A3', 'a code for one thing is none for another', async () => {
  const [invited, registered] = [newAddress(), newAddress()];
  await invite({ email: invited, roles: ['admin'] });
  await signUp(app, registered);
  const [invitation, registration] = [await lastCode(app, invited), await lastCode(app, registered)];
  assert.equal((await accept(app, registration)).status, 400);
  assert.equal((await verify(app, invitation)).status, 400);
  assert.equal(await rolesOf(registered), undefined);
  assert.equal((await accept(app, invitation)).status, 204);
  assert.equal((await verify(app, registration)).status, 204);
});

attack('A3', 'an invitation to somebody who has an account by then gives neither roles nor another password', async () => {
  const person = await makePerson(app);
  assert.equal((await invite({ email: person.email, roles: ['admin'] })).status, 202);
  const mails = await mailsTo(app, person.email);
  assert.match(mails.at(-1)?.subject ?? '', /You have an account/);
  assert.deepEqual(await rolesOf(person.email), []);
  const email = newAddress();
  await invite({ email, roles: ['admin'] });
  const code = await lastCode(app, email);
  const meanwhile = await makePerson(app, { email });
  assert.equal((await accept(app, code, 'nine clouds over the harbour')).status, 400);
  assert.deepEqual(await rolesOf(email), []);
  assert.equal((await login(new Browser(app), meanwhile)).status, 200);
});

attack('A3', 'the password of somebody who was invited is held to the policy, and the invitation stays until it is', async () => {
  const email = newAddress();
  await invite({ email });
  const code = await lastCode(app, email);
  for (const password of ['too short', 'passwordpassword']) assert.equal((await accept(app, code, password)).status, 422);
  assert.equal((await accept(app, code)).status, 204);
});

attack('A3', 'an invitation stands in the mail and nowhere else, and no administrator sees a password', async () => {
  const email = newAddress();
  app.log.clear();
  const answer = await invite({ email });
  const code = await lastCode(app, email);
  const dump = await dumpOf(app);
  assert.ok(dump.includes(email));
  for (const place of [dump, app.log.text, answer.text]) assert.ok(!place.includes(code));
  assert.equal((await accept(app, code)).status, 204);
});

attack('A3', 'an app that is for the invited takes no sign-ups', async () => {
  const closed = await startApp({ env: { REGISTRATION: 'invited' } });
  const email = newAddress();
  const answer = await signUp(closed, email);
  assert.equal(answer.status, 403);
  assert.equal(answer.json()['code'], 'registration_closed');
  assert.deepEqual(await db.selectFrom('registrations').select('id').where('email', '=', email).execute(), []);
  await invite({ email });
  assert.equal((await accept(closed, await lastCode(app, email))).status, 204);
});

attack('A3', 'an app comes without any administrator, and the command makes no second one unless it is told to', async () => {
  await makeUser(app, { roles: ['admin'] });
  const person = await makePerson(app);
  await assert.rejects(makeAdmin(app.context, person.email), (error: AdminExistsError) => error.name === 'AdminExistsError' || /administrator already/.test(error.message));
  assert.deepEqual(await rolesOf(person.email), []);
  assert.equal(await makeAdmin(app.context, person.email, { another: true }), 'granted');
});
