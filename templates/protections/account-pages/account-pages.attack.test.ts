import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { module } from '#src/protections/account-pages/module.ts';
import type { Mail } from '#src/services/mailer/mail.ts';
import { elementsOf, formsOf, shapeOf, textOf } from '#tests/support/html/markup.ts';
import { lastMailTo, linkIn, newAddress, signInAs, somebody } from '#tests/support/account-pages/people.ts';
import { Visitor } from '#tests/support/account-pages/visitor.ts';
import { startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { goodPassword, makePerson } from '#tests/support/auth-password/people.ts';
import { type Received, send } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { parseObject } from '#tests/support/json.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { authenticatorOf, register, signInWith } from '#tests/support/passkeys/ceremonies.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { ageProof, signedIn } from '#tests/support/sessions/people.ts';
import { codeAt } from '#tests/support/totp/authenticator-app.ts';

const app = await startApp();
const newPassword = 'cello above nine candles';

const heading = ({ page }: Visitor): string => /<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? '';
const secretIn = (page: string): string => (/<code class="secret">([^<]*)<\/code>/.exec(page)?.[1] ?? '').replaceAll(' ', '');
const codesIn = (page: string): string[] => [...page.matchAll(/<li><code>([^<]*)<\/code>/g)].map(([, code = '']) => code);

/** Signs up at the page, up to the mail. */
const signUp = async (email: string): Promise<{ readonly visitor: Visitor; readonly mail: Mail }> => {
  const visitor = Visitor.of(app);
  await visitor.open('/sign-up');
  await visitor.submit('/sign-up', { email, password: goodPassword });
  assert.equal(visitor.path, '/check-your-mail', visitor.page);
  return { visitor, mail: await lastMailTo(app, email) };
};

/** Turns two-step sign-in on. A minute passes, so that the code that confirmed it is no longer the one of now. */
const turnTwoStepOn = async (visitor: Visitor): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> => {
  await visitor.open('/account/two-step');
  await visitor.submit('/account/two-step/begin');
  const secret = secretIn(visitor.page);
  await visitor.submit('/account/two-step/confirm', { code: codeAt(secret, app.clock.now()) });
  assert.equal(heading(visitor), 'Keep your recovery codes', visitor.page);
  app.clock.advance(60_000);
  return { secret, recoveryCodes: codesIn(visitor.page) };
};

const count = async (table: 'sessions' | 'devices' | 'passkeys' | 'totp_secrets' | 'registrations' | 'password_resets' | 'users', column = 'user_id', value?: string): Promise<number> => {
  const { query } = app.context.services.db;
  const all = query.selectFrom(table).select((eb) => eb.fn.countAll<string>().as('count'));
  const { count: found } = await (value === undefined ? all : all.where(query.dynamic.ref(column), '=', value)).executeTakeFirstOrThrow();
  return Number(found);
};

/** An app on a phone of a user. */
const addDevice = async (userId: string, name = 'Phone'): Promise<void> => {
  const [now, bytes] = [new Date(app.clock.now()), () => randomBytes(32)];
  const row = { code_hash: bytes(), family_hash: bytes(), refresh_hash: bytes(), access_hash: bytes(), access_until: now, created_at: now, last_used_at: now };
  await app.context.services.db.query.insertInto('devices').values({ user_id: userId, client_id: 'ios', name, ...row }).execute();
};

benign('sign up, confirm, sign in, look, sign out', async () => {
  const email = newAddress();
  const { visitor, mail } = await signUp(email);
  await visitor.open(linkIn(mail, app));
  assert.equal(heading(visitor), 'Confirm your address');
  await visitor.submit('/verify-email', { password: goodPassword });
  assert.match(textOf(visitor.page), /Your address is confirmed/);
  await visitor.submit('/sign-in', { email, password: goodPassword });
  assert.equal(visitor.path, '/account');
  assert.ok(textOf(visitor.page).includes(`signed in as ${email}`));
  await visitor.submit('/sign-out');
  assert.match(textOf(visitor.page), /You are signed out/);
  await visitor.open('/account');
  assert.equal(visitor.path, '/sign-in?next=%2Faccount');
});

benign('a forgotten password leads back by mail', async () => {
  const { email, visitor } = await somebody(app);
  const forgetful = Visitor.of(app);
  await forgetful.open('/forgot-password');
  await forgetful.submit('/forgot-password', { email });
  await forgetful.open(linkIn(await lastMailTo(app, email), app));
  await forgetful.submit('/reset-password', { password: newPassword });
  await forgetful.submit('/sign-in', { email, password: newPassword });
  assert.equal(forgetful.path, '/account');
  assert.equal((await visitor.fetch('/account')).status, 303);
});

benign('the way back is kept through sign-in and the second factor', async () => {
  const { email, password, visitor } = await somebody(app);
  const { secret, recoveryCodes } = await turnTwoStepOn(visitor);
  assert.equal(recoveryCodes.length, 10);
  const other = Visitor.of(app);
  await other.open('/account/sessions?notice=session-ended');
  await other.submit('/sign-in', { email, password });
  assert.equal(heading(other), 'Type your code');
  await other.submit('/sign-in/code', { code: '000000' });
  assert.equal(other.seen?.status, 401);
  await other.submit('/sign-in/code', { code: codeAt(secret, app.clock.now()) });
  assert.equal(other.path, '/account/sessions?notice=session-ended');
  const lost = await signInAs(app, { email, password });
  await lost.open('/sign-in/recovery-code');
  await lost.submit('/sign-in/recovery-code', { code: recoveryCodes[0] ?? '' });
  assert.equal(lost.path, '/account');
  assert.match(textOf(lost.page), /Two-step sign-in on/);
  await lost.open('/account/two-step');
  assert.match(textOf(lost.page), /You have 9 recovery codes left/);
  await lost.submit('/account/two-step/recovery-codes');
  assert.equal(codesIn(lost.page).length, 10);
  await lost.open('/account/two-step');
  await lost.submit('/account/two-step/off');
  assert.match(textOf(lost.page), /Two-step sign-in is off/);
});

benign('the password is changed, other sessions are seen and ended', async () => {
  const { userId, email, visitor } = await somebody(app);
  await visitor.open('/account/password');
  await visitor.submit('/account/password', { currentPassword: goodPassword, newPassword });
  assert.match(textOf(visitor.page), /Your password is changed/);
  for (let signIns = 0; signIns < 3; signIns += 1) await signInAs(app, { email, password: newPassword });
  await visitor.open('/account/sessions');
  assert.equal(await count('sessions', 'user_id', userId), 4);
  await visitor.submit('/account/sessions/end');
  assert.equal(await count('sessions', 'user_id', userId), 3);
  await visitor.submit('/account/sessions/end-others');
  assert.equal(await count('sessions', 'user_id', userId), 1);
  assert.match(textOf(visitor.page), /\(this browser\)/);
});

benign('a passkey signs in, is shown and removed', async () => {
  const { visitor } = await somebody(app);
  const authenticator = authenticatorOf(app);
  assert.equal((await register(visitor.browser, authenticator)).status, 201);
  await visitor.open('/account/passkeys');
  assert.ok(textOf(visitor.page).includes('Phone'));
  assert.equal((await signInWith(new Browser(app), authenticator)).status, 204);
  await visitor.submit('/account/passkeys/remove');
  assert.match(textOf(visitor.page), /The passkey is removed/);
});

benign('what is wrong stands beside its field, and what was typed is still there', async () => {
  const visitor = Visitor.of(app);
  await visitor.open('/sign-up');
  const email = newAddress();
  const answer = await visitor.submit('/sign-up', { email, password: 'short' });
  assert.equal(answer.status, 422);
  const inputs = elementsOf(answer.text).filter(({ name }) => name === 'input');
  const [password] = inputs.filter(({ attributes }) => attributes.get('name') === 'password');
  assert.equal(password?.attributes.get('aria-invalid'), 'true');
  assert.equal(password?.attributes.get('aria-describedby'), 'password-hint password-wrong');
  assert.ok(elementsOf(answer.text).some(({ attributes }) => attributes.get('id') === 'password-wrong'));
  assert.ok(inputs.some(({ attributes }) => attributes.get('name') === 'email' && attributes.get('value') === email));
});

benign('programs get refusals as data', async () => {
  const answer = await send(app, 'GET', '/account', { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 401);
  assert.equal(answer.json()['status'], 401);
});

/** A code that opens nothing, for pages that want one in their address. */
const nothing = 'x'.repeat(43);
const queries: Readonly<Record<string, string>> = { '/verify-email': `?code=${nothing}`, '/invitation': `?code=${nothing}`, '/reset-password': `?token=${nothing}` };
const addressOf = ({ path }: { readonly path: string }): string => path + (queries[path] ?? '');

const specs = module.routes.map(({ spec }) => spec);
const isAsset = ({ path }: { readonly path: string }): boolean => path.startsWith('/assets/');
const isPage = ({ path, method }: { readonly path: string; readonly method: string }): boolean => method === 'GET' && !isAsset({ path }) && !path.startsWith('/.well-known/');
const pageSpecs = specs.filter(isPage);
const formSpecs = specs.filter(({ method }) => method === 'POST');

/** Every page there is, as somebody sees it who is signed in, who waits for a second factor, who is nobody; with the pages behind forms. */
const allPages = async (): Promise<ReadonlyMap<string, Received>> => {
  const found = new Map<string, Received>();
  const owner = await somebody(app);
  await register(owner.visitor.browser, authenticatorOf(app));
  await signInAs(app, owner);
  const waiting = new Visitor(await signedIn(app, { id: owner.userId }, { state: 'second-factor' }));
  for (const spec of pageSpecs) {
    for (const [who, visitor] of [['nobody', Visitor.of(app)], ['owner', owner.visitor], ['waiting', waiting]] as const) {
      const answer = await visitor.fetch(addressOf(spec));
      found.set(`${spec.path} for ${who}`, answer);
    }
  }
  await owner.visitor.open('/account/two-step');
  found.set('the secret', await owner.visitor.submit('/account/two-step/begin'));
  found.set('a wrong code', await owner.visitor.submit('/account/two-step/confirm', { code: '000000' }));
  const { visitor } = owner;
  await turnTwoStepOn(visitor);
  found.set('the recovery codes', await visitor.open('/account/two-step'));
  found.set('the codes anew', await visitor.submit('/account/two-step/recovery-codes'));
  const stranger = Visitor.of(app);
  await stranger.open('/sign-in');
  found.set('a wrong password', await stranger.submit('/sign-in', { email: owner.email, password: 'wrong' }));
  found.set('a form without its token', await stranger.post('/sign-in', { email: owner.email, password: 'wrong' }));
  found.set('a field that is no address', await stranger.submit('/sign-in', { email: 'x', password: 'wrong' }));
  found.set('an unknown notice', await stranger.fetch('/sign-in?notice=x'));
  return found;
};

const pages = await allPages();

benign('every page has a language, a title, one heading, a main part, and a label for each field', () => {
  let shown = 0;
  for (const [name, { text, status }] of pages) {
    if (status === 303) continue;
    shown += 1;
    const elements = elementsOf(text);
    const named = (tag: string) => elements.filter((element) => element.name === tag);
    assert.equal(named('html')[0]?.attributes.get('lang'), 'en', name);
    assert.match(text, /<title>[^<]+<\/title>/, name);
    assert.equal(named('h1').length, 1, name);
    assert.equal(named('main').length, 1, name);
    const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
    assert.deepEqual(ids, [...new Set(ids)], name);
    const labels = new Set(named('label').map(({ attributes }) => attributes.get('for')));
    for (const { attributes } of named('input')) {
      if (attributes.get('type') !== 'hidden' && !attributes.has('aria-label')) assert.ok(labels.has(attributes.get('id')), `${name}: ${[...attributes].join()}`);
      for (const id of attributes.get('aria-describedby')?.split(' ') ?? []) assert.ok(ids.includes(id), `${name}: ${id}`);
    }
  }
  assert.ok(shown > pageSpecs.length);
});

attack('P1', 'no page has script or style in it, or loads any from elsewhere', () => {
  const policy = [...pages.values()].find(({ status }) => status === 200)?.headers['content-security-policy'];
  assert.match(String(policy), /script-src 'self'; style-src 'self'/);
  for (const [name, { text, headers }] of pages) {
    for (const { name: tag, attributes } of elementsOf(text)) {
      for (const attribute of attributes.keys()) assert.doesNotMatch(attribute, /^(?:on|style$|srcdoc$)/, `${name}: ${tag} ${attribute}`);
      if (tag === 'script') assert.equal(attributes.get('src'), '/assets/passkeys.js', name);
      assert.notEqual(tag, 'style', name);
      for (const address of ['href', 'src', 'action', 'formaction']) {
        const value = attributes.get(address);
        if (value !== undefined) assert.match(value, /^(?:\/(?!\/)|#main$)/, `${name}: ${tag} ${value}`);
      }
    }
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|nonce|\*/, name);
  }
});

attack('P1', 'no page can be framed or kept, and no other host learns its address', () => {
  assert.ok([...pages.values()].filter(({ status }) => status === 200).length > 10);
  for (const [name, { headers, status }] of pages) {
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, name);
    assert.equal(headers['x-frame-options'], 'DENY', name);
    assert.equal(headers['cache-control'], 'no-store', name);
    if (status !== 303) assert.equal(headers['referrer-policy'], 'strict-origin', name);
  }
});

attack('P1', 'no page shows what its visitor has no session for', async () => {
  const owner = await somebody(app);
  const waiting = new Visitor(await signedIn(app, { id: owner.userId }, { state: 'second-factor' }));
  for (const spec of pageSpecs.filter(({ access }) => access !== 'public')) {
    const nobody = await Visitor.of(app).fetch(spec.path);
    assert.equal(nobody.status, 303, spec.path);
    assert.match(nobody.headers['location'] ?? '', /^\/sign-in(?:\?|$)/, spec.path);
    const half = await waiting.fetch(spec.path);
    if (spec.admits?.includes('second-factor') !== true) assert.equal(half.headers['location'], '/sign-in/code', spec.path);
    assert.ok(!half.text.includes(owner.email), spec.path);
    const signedInAnswer = await owner.visitor.fetch(spec.path);
    assert.ok(signedInAnswer.status === 200 || spec.admits !== undefined, spec.path);
  }
});

const evil = ['<img src=x onerror=1>', '" autofocus onfocus=1 x="', "'><script>1</script>", '</title><script>1</script>', '${7*7}{{7*7}}'];

attack('P1', 'what somebody types, names or puts into an address stays text', async () => {
  const typed = async (text: string): Promise<readonly (readonly [string, Received])[]> => {
    const stranger = Visitor.of(app);
    await stranger.open('/sign-in');
    const owner = await somebody(app);
    await register(owner.visitor.browser, authenticatorOf(app));
    await app.context.services.db.query.updateTable('passkeys').set({ name: text }).where('user_id', '=', owner.userId).execute();
    await addDevice(owner.userId, text);
    await app.context.services.db.query.updateTable('sessions').set({ client: text, address: text }).where('user_id', '=', owner.userId).execute();
    await app.context.services.db.query.updateTable('users').set({ email: `${text}@${owner.userId}` }).where('id', '=', owner.userId).execute();
    const query = (name: string): string => new URLSearchParams({ [name]: text }).toString();
    return [
      ['a field', await stranger.submit('/sign-in', { email: text, password: 'x', next: text })],
      ['a way back', await stranger.fetch(`/sign-in?${query('next')}`)],
      ['a notice', await stranger.fetch(`/sign-in?${query('notice')}`)],
      ['a code', await stranger.fetch(`/verify-email?${query('code')}`)],
      ['an invitation', await stranger.fetch(`/invitation?${query('code')}`)],
      ['a token', await stranger.fetch(`/reset-password?${query('token')}`)],
      ['a way back from step-up', await owner.visitor.fetch(`/step-up?${query('next')}`)],
      ['the name of a passkey', await owner.visitor.fetch('/account/passkeys')],
      ['a client', await owner.visitor.fetch('/account/sessions')],
      ['an address', await owner.visitor.fetch('/account')],
    ];
  };
  const honest = await typed('honest');
  for (const text of evil) {
    for (const [index, [name, answer]] of (await typed(text)).entries()) {
      assert.equal(shapeOf(answer.text), shapeOf(honest[index]?.[1].text ?? ''), `${name}: ${text}`);
      for (const { attributes } of elementsOf(answer.text)) {
        for (const address of ['href', 'action', 'data-next', 'data-step-up']) assert.match(attributes.get(address) ?? '/', /^(?:\/(?!\/)|#main$)/, name);
      }
    }
  }
});

attack('P1', 'a password never comes back into a page', async () => {
  const visitor = Visitor.of(app);
  await visitor.open('/sign-in');
  const answer = await visitor.submit('/sign-in', { email: 'somebody@people.test', password: 'canary-password' });
  assert.equal(answer.status, 401);
  assert.ok(answer.text.includes('somebody@people.test'));
  assert.ok(!answer.text.includes('canary-password'));
});

attack('P1', 'a way back leads nowhere but into this app', async () => {
  const person = await makePerson(app);
  const ways = ['//evil.test', '/\\evil.test', 'https://evil.test/', '/.//evil.test', ['javascript', '1'].join(':'), '/x/..//evil.test'];
  for (const next of ['/account/sessions', ...ways]) {
    const visitor = Visitor.of(app);
    await visitor.open(`/sign-in?${new URLSearchParams({ next }).toString()}`);
    const { next: kept = '' } = visitor.hiddenOf('/sign-in');
    assert.equal(kept, next);
    const answer = await visitor.post('/sign-in', { ...visitor.hiddenOf('/sign-in'), email: person.email, password: person.password });
    assert.equal(answer.headers['location'], ways.includes(next) ? '/account' : next, next);
    const again = await visitor.fetch(`/sign-in?${new URLSearchParams({ next }).toString()}`);
    assert.equal(again.headers['location'], ways.includes(next) ? '/account' : next, next);
    await ageProof(app, person.userId);
    await visitor.open(`/step-up?${new URLSearchParams({ next }).toString()}`);
    const proven = await visitor.post('/step-up/password', { ...visitor.hiddenOf('/step-up/password'), password: person.password });
    assert.equal(proven.headers['location'], ways.includes(next) ? '/account' : next, next);
  }
});

attack('P1', 'opening a link from a mail uses nothing up, however often programs open it', async () => {
  const email = newAddress();
  const { visitor, mail } = await signUp(email);
  const link = linkIn(mail, app);
  for (let opened = 0; opened < 3; opened += 1) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await send(app, method, link, { headers: { accept: 'text/html' } });
      assert.equal(answer.status, 200, method);
      assert.ok((answer.headers['set-cookie'] ?? []).every((line) => !/^(?:__Host-)?sid=/.test(line)), method);
    }
  }
  assert.equal(await count('users', 'email', email), 0);
  await visitor.open(link);
  await visitor.submit('/verify-email', { password: goodPassword });
  assert.equal(await count('users', 'email', email), 1);
  await visitor.open('/forgot-password');
  await visitor.submit('/forgot-password', { email });
  const reset = linkIn(await lastMailTo(app, email), app);
  for (let opened = 0; opened < 3; opened += 1) assert.equal((await send(app, 'GET', reset, { headers: { accept: 'text/html' } })).status, 200);
  await visitor.open(reset);
  assert.equal((await visitor.post('/reset-password', { ...visitor.hiddenOf('/reset-password'), password: newPassword })).headers['location'], '/sign-in?notice=password-set');
  assert.equal((await visitor.submit('/reset-password', { password: goodPassword })).status, 400);
});

attack('P1', 'nobody learns at a page who has an account', async () => {
  const { email: known } = await makePerson(app);
  const masked = ({ status, headers, text }: Received, visitor: Visitor, email: string): string => {
    const { date: _date, 'set-cookie': cookies = [], ...others } = headers;
    const names = cookies.map((line) => line.slice(0, line.indexOf('=')));
    const tokens = formsOf(text).flatMap(({ hidden }) => hidden['_csrf'] ?? []);
    const same = [...tokens, email, ...Object.values(visitor.hiddenOf('/sign-in'))].filter((token) => token !== '').reduce((left, token) => left.replaceAll(token, '*'), text);
    return JSON.stringify([status, others, names, same]);
  };
  const forms: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['/sign-up', { password: goodPassword }],
    ['/verify-email/another-mail', {}],
    ['/forgot-password', {}],
    ['/sign-in', { password: 'not the password of anybody' }],
  ];
  for (const [action, fields] of forms) {
    const answers: string[] = [];
    for (const email of [known, newAddress()]) {
      const visitor = Visitor.of(app);
      await visitor.open('/sign-in');
      const answer = await visitor.post(action, { ...visitor.hiddenOf('/sign-in'), ...fields, email });
      assert.ok(answer.status === 303 || answer.status === 401, `${action} ${answer.status}`);
      answers.push(masked(answer, visitor, email));
    }
    assert.equal(answers[0], answers[1], action);
  }
  const before = mailsOf(app).length;
  await drainJobs(app);
  assert.ok(mailsOf(app).length > before);
});

attack('P1', 'a form that another site sends, or that lacks the token of its browser, changes nothing', async () => {
  const owner = await somebody(app);
  await register(owner.visitor.browser, authenticatorOf(app));
  const { visitor } = owner;
  await visitor.open('/account/sessions');
  const state = async (): Promise<string> => {
    const own = [await count('sessions', 'user_id', owner.userId), await count('passkeys', 'user_id', owner.userId), await count('totp_secrets', 'user_id', owner.userId)];
    return JSON.stringify([...own, await count('users'), await count('registrations')]);
  };
  const before = await state();
  const { _csrf = '' } = visitor.hiddenOf('/sign-out');
  assert.notEqual(_csrf, '');
  const filled = { email: owner.email, password: goodPassword, currentPassword: goodPassword, newPassword, code: '000000', token: nothing, id: owner.userId };
  for (const { path, input } of formSpecs) {
    const schema = parseObject(JSON.stringify(input.body));
    const names = Object.keys(parseObject(JSON.stringify(schema['properties'])));
    const fields = Object.fromEntries(Object.entries(filled).filter(([name]) => names.includes(name)));
    const foreign = await visitor.post(path, { ...fields, _csrf }, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' });
    assert.equal(foreign.status, 403, path);
    for (const token of ['', 'x'.repeat(43)]) {
      const answer = await visitor.post(path, { ...fields, _csrf: token });
      assert.equal(answer.status, 403, `${path} ${answer.text}`);
    }
    assert.equal((await visitor.post(path, fields)).status, 403, path);
  }
  assert.equal(await state(), before);
  await signInAs(app, owner);
  await visitor.open('/account/sessions');
  assert.equal((await visitor.submit('/account/sessions/end-others', {})).status, 200);
});

attack('P1', 'what changes how one signs in asks for a fresh proof', async () => {
  const { userId, visitor } = await somebody(app);
  await register(visitor.browser, authenticatorOf(app));
  await visitor.open('/account/passkeys');
  const { id = '', _csrf = '' } = visitor.hiddenOf('/account/passkeys/remove');
  const actions: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['/account/two-step/begin', {}],
    ['/account/two-step/confirm', { code: '000000' }],
    ['/account/two-step/recovery-codes', {}],
    ['/account/two-step/off', {}],
    ['/account/passkeys/remove', { id }],
  ];
  await ageProof(app, userId);
  for (const [action, fields] of actions) {
    const answer = await visitor.post(action, { _csrf, ...fields });
    assert.equal(answer.status, 303, `${action} ${answer.text}`);
    assert.match(answer.headers['location'] ?? '', /^\/step-up\?next=%2Faccount%2F(?:two-step|passkeys)$/, action);
  }
  assert.equal(await count('passkeys', 'user_id', userId), 1);
  assert.equal(await count('totp_secrets', 'user_id', userId), 0);
  await visitor.open('/step-up?next=%2Faccount%2Fpasskeys');
  assert.ok(elementsOf(visitor.page).some(({ attributes }) => attributes.get('data-ceremony') === 'step-up'));
  assert.equal((await visitor.submit('/step-up/password', { password: 'not the password' })).status, 403);
  assert.equal((await visitor.post('/account/passkeys/remove', { _csrf, id })).status, 303);
  await visitor.submit('/step-up/password', { password: goodPassword });
  await visitor.submit('/account/passkeys/remove');
  assert.equal(await count('passkeys', 'user_id', userId), 0);
});

attack('P1', 'sessions and passkeys of others cannot be ended or removed by their id', async () => {
  const [mine, theirs] = [await somebody(app), await somebody(app)];
  await register(theirs.visitor.browser, authenticatorOf(app));
  await signInAs(app, theirs);
  await addDevice(theirs.userId);
  await theirs.visitor.open('/account/sessions');
  const { id: session = '' } = theirs.visitor.hiddenOf('/account/sessions/end');
  const { id: device = '' } = theirs.visitor.hiddenOf('/account/sessions/sign-out-app');
  await theirs.visitor.open('/account/passkeys');
  const { id: passkey = '' } = theirs.visitor.hiddenOf('/account/passkeys/remove');
  await mine.visitor.open('/account');
  const { _csrf = '' } = mine.visitor.hiddenOf('/sign-out');
  for (const [action, id] of [
    ['/account/sessions/end', session],
    ['/account/sessions/sign-out-app', device],
    ['/account/passkeys/remove', passkey],
  ] as const) {
    const answer = await mine.visitor.post(action, { _csrf, id });
    assert.equal(answer.status, 404, action);
    assert.ok(!answer.text.includes('Phone'), action);
  }
  assert.equal(await count('sessions', 'user_id', theirs.userId), 2);
  assert.equal(await count('devices', 'user_id', theirs.userId), 1);
  assert.equal(await count('passkeys', 'user_id', theirs.userId), 1);
  await theirs.visitor.open('/account/sessions');
  await theirs.visitor.submit('/account/sessions/sign-out-app');
  assert.equal(await count('devices', 'user_id', theirs.userId), 0);
  await theirs.visitor.open('/account/passkeys');
  await theirs.visitor.submit('/account/passkeys/remove');
  assert.equal(await count('passkeys', 'user_id', theirs.userId), 0);
});

attack('P1', 'a notice says what the app wrote, whatever the address brings', async () => {
  const shown = await Visitor.of(app).fetch('/sign-in?notice=signed-out');
  assert.match(textOf(shown.text), /You are signed out/);
  for (const notice of ['Call 555 and tell us your password', 'toString', '__proto__', 'constructor', '']) {
    const answer = await Visitor.of(app).fetch(`/sign-in?${new URLSearchParams({ notice }).toString()}`);
    assert.equal(answer.status, 200, notice);
    assert.doesNotMatch(answer.text, /class="notice"|555|native code/, notice);
  }
});

benign('password managers find the page that changes a password', async () => {
  const { status, headers } = await send(app, 'GET', '/.well-known/change-password');
  assert.deepEqual([status, headers['location']], [303, '/account/password']);
  assert.equal((await send(app, 'GET', '/.well-known/something-that-is-not-there')).status, 404);
});

benign('the stylesheet and the script come from here', async () => {
  for (const spec of specs.filter(isAsset)) {
    const { status, headers } = await send(app, 'GET', spec.path);
    assert.equal(status, 200);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(headers['content-type'] ?? '', /^text\/(?:css|javascript); charset=utf-8$/);
  }
});
