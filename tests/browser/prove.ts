import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../src/manifest.ts';
import { chromiumPath, openChromium } from './chromium.ts';
import { type Site, siteWith, tlsProxy } from './other-sites.ts';
import { Person, codeOf, otherPassword, password } from './person.ts';
import { type RunningApp, freePort, linkIn, patience, startApp, until } from './running-app.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Proves the preset `web` of one target in a real browser: what people do, what other sites cannot do. */
export const proveInBrowser = (target: Target): void => {
  const isHere = chromiumPath !== undefined;
  if (!isHere) console.warn(`NOT TESTED on ${target}: the pages in a browser. Install Chromium, or name it in TEST_CHROMIUM, as .ci/run does.`);
  describe.runIf(isHere)(`${target} in Chromium`, () => {
    prove(target);
  });
};

const prove = (target: Target): void => {
  let browser: Browser;
  let app: RunningApp;
  let listed: Site;
  let unlisted: Site;
  const sites: Site[] = [];
  const apps: RunningApp[] = [];

  beforeAll(async () => {
    browser = await openChromium();
    listed = await siteWith(() => '<h1>A listed site</h1>');
    unlisted = await siteWith(() => hostilePage(app.origin));
    sites.push(listed, unlisted);
    const port = await freePort();
    app = await startApp({ name: 'browser', target, port, origin: `http://localhost:${port}`, env: { CORS_ORIGINS: `http://localhost:${listed.port}` } });
    apps.push(app);
  }, 2 * patience);

  afterAll(async () => {
    await browser?.close();
    for (const running of apps) await running.stop();
    for (const site of sites) await site.close();
  }, patience);

  /** A browser profile of its own; without script unless it is asked for. */
  const profile = (script = false): Promise<BrowserContext> => browser.newContext({ javaScriptEnabled: script });

  describe('without script', () => {
    test('sign up, confirm, sign in, look, change the password, sign out', async () => {
      const context = await profile();
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      await person.reads(person.email);
      await person.press('Change your password');
      await person.fill('Current password', password);
      await person.fill('New password', otherPassword);
      await person.press('Change the password');
      await person.reads('Your password is changed');
      await person.signOut();
      await person.typePassword();
      await person.reads('The address or the password is wrong.');
      await person.signIn(otherPassword);
      await person.open('/sign-in');
      await person.sees('Your account');
      await person.signOut();
      await person.open('/account/sessions');
      await person.sees('Sign in');
      expect(person.complaints).toEqual([]);
      await context.close();
    });

    test('a forgotten password leads back by mail, and ends what was open', async () => {
      const context = await profile();
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      const elsewhere = await Person.in(await profile(), app, person.email);
      await elsewhere.open('/sign-in');
      await elsewhere.press('I do not know my password');
      await elsewhere.fill('Email address', person.email);
      await elsewhere.press('Send the mail');
      await elsewhere.sees('Look into your mailbox');
      const mails = await app.mailsTo(person.email, 2);
      await elsewhere.page.goto(linkIn(mails[1], app));
      await elsewhere.fill('New password', 'short');
      await elsewhere.press('Set the password');
      await elsewhere.reads('too short');
      await elsewhere.fill('New password', otherPassword);
      await elsewhere.press('Set the password');
      await elsewhere.reads('Your password is set');
      await elsewhere.signIn(otherPassword);
      await person.open('/account');
      await person.sees('Sign in');
      expect(elsewhere.complaints).toEqual([]);
      await elsewhere.page.context().close();
      await context.close();
    });

    test('two-step sign-in: turned on, asked for, passed by a code and by a recovery code, turned off', async () => {
      const context = await profile();
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      await person.press('Two-step sign-in');
      await person.press('Turn it on');
      await person.sees('Scan the code');
      expect(await person.page.locator('svg.qr path').getAttribute('d')).toMatch(/^M/);
      const secret = await person.secret();
      await person.fill('Code from your authenticator app', codeOf(secret));
      await person.press('Confirm');
      await person.sees('Keep your recovery codes');
      const recoveryCode = (await person.page.locator('.codes code').first().textContent()) ?? '';
      await person.press('I have kept them');
      await person.reads('You have 10 recovery codes left');
      await person.signOut();
      await person.typePassword();
      await person.sees('Type your code');
      await person.open('/account');
      await person.sees('Type your code');
      await person.fill('Code from your authenticator app', '000000');
      await person.press('Sign in');
      await person.reads('The code is wrong.');
      // The code that confirmed it is used up; the next one is taken half a minute early.
      await person.fill('Code from your authenticator app', codeOf(secret, 30_000));
      await person.press('Sign in');
      await person.sees('Your account');
      await person.signOut();
      await person.typePassword();
      await person.press('Use a recovery code');
      await person.fill('Recovery code', recoveryCode);
      await person.press('Sign in');
      await person.sees('Your account');
      await person.press('Two-step sign-in');
      await person.reads('You have 9 recovery codes left');
      await person.press('Turn it off');
      await person.reads('Two-step sign-in is off');
      expect(person.complaints).toEqual([]);
      await context.close();
    });

    test('sessions: seen from elsewhere, and ended', async () => {
      const [here, there] = [await profile(), await profile()];
      const person = await Person.in(here, app);
      await person.signUp();
      await person.signIn();
      const other = await Person.in(there, app, person.email);
      await other.signIn();
      await person.open('/account/sessions');
      await person.reads('(this browser)');
      await person.page.getByRole('button', { name: /^End the session of .+ on Linux from 127\.0\.0\.1$/ }).click();
      await person.reads('The session has ended.');
      await other.open('/account');
      await other.sees('Sign in');
      expect([...person.complaints, ...other.complaints]).toEqual([]);
      await here.close();
      await there.close();
    });
  });

  describe('with script', () => {
    test('a passkey: added, signed in with, used to prove again who is there, removed', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      const devtools = await context.newCDPSession(person.page);
      await addAuthenticator(devtools);
      await person.signUp();
      await person.signIn();
      await person.press('Passkeys');
      await person.fill('A name for it', 'Laptop');
      await person.press('Add a passkey');
      await person.page.getByRole('heading', { level: 2, name: 'Laptop' }).waitFor();
      await person.signOut();
      await person.press('Sign in with a passkey');
      await person.sees('Your account');
      await person.open('/step-up?next=/account/passkeys');
      await person.press('Use a passkey');
      await person.sees('Passkeys');
      await person.page.getByRole('button', { name: 'Remove the passkey Laptop' }).click();
      await person.reads('The passkey is removed.');
      await person.signOut();
      await person.press('Sign in with a passkey');
      await person.reads('This passkey is not known here.');
      expect(person.complaints).toEqual([]);
      await context.close();
    });

    test('every page: nothing that its policy forbids, nothing wider than a small phone, nothing that people with other senses miss', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      const looked = new Set<string>();
      const look = async (): Promise<void> => {
        const { pathname } = new URL(person.page.url());
        await person.page.setViewportSize({ width: 320, height: 640 });
        expect(await person.page.evaluate('document.documentElement.scrollWidth'), pathname).toBeLessThanOrEqual(320);
        await person.page.evaluate(axe);
        const found: unknown = await person.page.evaluate(`axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
        expect(found, pathname).toEqual([]);
        looked.add(pathname);
      };
      await person.signUp();
      for (const path of ['/sign-up', '/sign-in', '/check-your-mail', '/forgot-password', '/verify-email/another-mail', '/verify-email?code=x', '/invitation?code=x', '/reset-password?token=x']) {
        await person.open(path);
        await look();
      }
      await person.typePassword('wrong');
      await person.reads('The address or the password is wrong.');
      await look();
      await person.signIn();
      for (const path of ['/account', '/account/password', '/account/sessions', '/account/two-step', '/account/passkeys', '/step-up']) {
        await person.open(path);
        await look();
      }
      await person.open('/account/two-step');
      await person.press('Turn it on');
      await person.sees('Scan the code');
      await look();
      await person.fill('Code from your authenticator app', codeOf(await person.secret()));
      await person.press('Confirm');
      await person.sees('Keep your recovery codes');
      await look();
      await person.signOut();
      await person.typePassword();
      for (const path of ['/sign-in/code', '/sign-in/recovery-code']) {
        await person.open(path);
        await look();
      }
      expect(looked.size).toBeGreaterThan(15);
      expect(person.complaints).toEqual([]);
      // The count would show one: script and style that somebody got into a page do nothing, and the browser says so.
      await person.page.evaluate(`document.querySelector('h1').setAttribute('style', 'position: fixed')`);
      await person.page.evaluate(`{ const script = document.createElement('script'); script.append('document.title = "injected"'); document.body.append(script); }`);
      await until(() => person.complaints.length > 1);
      expect(person.complaints.join()).toMatch(/style-src/);
      expect(person.complaints.join()).toMatch(/TrustedScript/);
      expect(await person.page.title()).not.toBe('injected');
      await context.close();
    });

    test('the sample pages: own documents, narrowed by script; text stays text, and script writes no markup', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      const evil = '<img src=x onerror="document.title = 1"></script><script>document.title = 1</script>';
      const write = (title: string, body: string): Promise<unknown> =>
        person.page.evaluate(
          async ([content = '']) => {
            const { token } = JSON.parse(await (await fetch('/auth/csrf')).text());
            await fetch('/api/v1/documents', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': token }, body: content });
          },
          [JSON.stringify({ title, body })],
        );
      await write(evil, `*Stressed*, ${evil} and [a link](https://partner.test)`);
      await write('Apples', 'and pears');
      await person.open('/documents');
      await person.fill('Only those with', 'pears');
      await person.reads('1 with “pears”');
      const shown = (): Promise<string[]> => person.page.locator('li:visible a').allTextContents();
      expect(await shown()).toEqual(['Apples']);
      await person.fill('Only those with', evil);
      await person.reads('1 with “<img');
      expect(await shown()).toEqual([evil]);
      await person.page.evaluate(axe);
      expect(await person.page.evaluate('axe.run(document).then(({ violations }) => violations.map(({ id }) => id))')).toEqual([]);
      await person.page.locator('li:visible a').click();
      await person.sees(evil);
      expect(await person.page.locator('main em').textContent()).toBe('Stressed');
      expect(await person.page.locator('main a[href^="https:"]').getAttribute('rel')).toBe('noopener noreferrer nofollow ugc');
      expect(await person.page.locator('main img, main script').count()).toBe(0);
      expect(person.complaints).toEqual([]);
      await person.open('/documents');
      for (const sink of [`document.body.innerHTML = '<b>x</b>'`, `document.body.insertAdjacentHTML('beforeend', '<b>x</b>')`, `document.createElement('script').src = '/assets/documents.js'`]) {
        await expect(person.page.evaluate(sink), sink).rejects.toThrow(/Trusted(?:HTML|ScriptURL)/);
      }
      await expect(person.page.evaluate(`trustedTypes.createPolicy('mine', { createHTML: (text) => text })`)).rejects.toThrow(/disallowed/);
      expect(await person.page.title()).toBe('Your documents');
      await context.close();
    });

    test('the contact form: one tab from field to field, none in the one for programs, and one mail to the owner', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.open('/contact');
      const shownAt = Date.now();
      await person.page.setViewportSize({ width: 320, height: 640 });
      expect(await person.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
      await person.page.evaluate(axe);
      expect(await person.page.evaluate('axe.run(document).then(({ violations }) => violations.map(({ id }) => id))')).toEqual([]);
      expect(await person.page.evaluate(`document.querySelector('#website').getBoundingClientRect().right < 0`)).toBe(true);
      const stops: unknown[] = [];
      for (const typed of ['Ada', person.email, 'Good morning from Chromium', '']) {
        await person.page.keyboard.press('Tab');
        stops.push(await person.page.evaluate('document.activeElement.name || document.activeElement.textContent'));
        await person.page.keyboard.type(typed);
      }
      expect(stops).toEqual(['name', 'email', 'message', 'Send']);
      // Nobody is that fast: what is sent within three seconds is dropped.
      await until(() => Date.now() - shownAt > 3500);
      await person.page.keyboard.press('Enter');
      await person.sees('Thank you');
      const [mail = ''] = await app.mailsTo('contact@localhost');
      expect(mail).toContain('Good morning from Chromium');
      expect(mail).toContain(`\nReply-To: ${person.email}\n`);
      expect(person.complaints).toEqual([]);
      await context.close();
    });

    test('the keyboard alone: the first stop skips to the content, the second is the site, then the form', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.open('/sign-in');
      const focused = (): Promise<unknown> => person.page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');
      const stops: unknown[] = [];
      for (let presses = 0; presses < 5; presses += 1) {
        await person.page.keyboard.press('Tab');
        stops.push(await focused());
      }
      expect(stops).toEqual(['Skip to the content', new URL(app.origin).host, 'email', 'password', 'Sign in']);
      await person.page.keyboard.press('Enter');
      expect(await focused()).toBe('email');
      await context.close();
    });
  });

  describe('cookies, as the browser keeps them', () => {
    test('over http on this machine: hidden from script, for this host and path, gone after sign-out', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.signUp();
      const before = await context.cookies();
      await person.signIn();
      const [session] = (await context.cookies()).filter(({ name }) => name === 'sid');
      expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost', expires: -1 });
      expect(before.map(({ value }) => value)).not.toContain(session?.value);
      expect(await person.page.evaluate('document.cookie')).toBe('');
      await person.signOut();
      expect((await context.cookies()).filter(({ name }) => name === 'sid')).toEqual([]);
      // What somebody copied before opens nothing any more.
      await context.addCookies(session === undefined ? [] : [session]);
      await person.open('/account');
      await person.sees('Sign in');
      await context.close();
    });

    test('over https: locked to the host', async () => {
      const port = await freePort();
      const proxy = await tlsProxy(port);
      sites.push(proxy);
      const secure = await startApp({ name: 'browser-https', target, port, origin: `https://localhost:${proxy.port}`, env: { TRUSTED_PROXIES: '127.0.0.1' } });
      apps.push(secure);
      const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true });
      const person = await Person.in(context, secure);
      await person.signUp();
      await person.signIn();
      const cookies = await context.cookies();
      const session = cookies.find(({ name }) => name === '__Host-sid');
      expect(session).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost', expires: -1 });
      expect(cookies.filter(({ secure: isSecure, name }) => !isSecure || !name.startsWith('__Host-'))).toEqual([]);
      await person.signOut();
      expect((await context.cookies()).filter(({ name }) => name === '__Host-sid')).toEqual([]);
      await context.close();
    });
  });

  describe('other origins', () => {
    /** What a script on the page that is open gets from the app: the answer, or why the browser hides it. */
    const ask = (person: Person, path: string, options: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
      person.page.evaluate(
        async ([url = '', init = '']) => {
          try {
            const answer = await fetch(url, { credentials: 'include', ...JSON.parse(init) });
            return { status: answer.status, type: answer.type, location: answer.headers.get('location'), body: await answer.text() };
          } catch (error) {
            return error instanceof TypeError ? 'hidden by the browser' : String(error);
          }
        },
        [app.origin + path, JSON.stringify(options)],
      );

    const requestsFor = (method: string, status: number): number => app.log().filter((line) => line['method'] === method && line['status'] === status).length;

    test('a listed origin reads and writes as the user, with the preflights that the browser makes', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      await person.page.goto(`http://localhost:${listed.port}/`);
      expect(await ask(person, '/api/v1/me')).toMatchObject({ status: 200, body: expect.stringContaining(person.email) });
      const { token } = JSON.parse(textIn(await ask(person, '/auth/csrf')));
      const content = { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': token }, body: JSON.stringify({ title: 'From elsewhere', body: 'x' }) };
      const preflights = requestsFor('OPTIONS', 204);
      expect(await ask(person, '/api/v1/documents', content)).toMatchObject({ status: 201, location: expect.stringMatching(/^\/api\/v1\/documents\//) });
      await until(() => requestsFor('OPTIONS', 204) > preflights);
      // Refusals can be read too; what was not granted is not even sent.
      expect(await ask(person, '/api/v1/documents', { ...content, headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 403 });
      expect(await ask(person, '/api/v1/documents', { ...content, headers: { ...content.headers, 'x-evil': '1' } })).toBe('hidden by the browser');
      expect(await ask(person, '/api/v1/me', { method: 'DELETE' })).toBe('hidden by the browser');
      expect(await ask(person, '/api/v1/documents')).toMatchObject({ body: expect.stringMatching(/^(?:(?!From elsewhere).)*From elsewhere(?:(?!From elsewhere).)*$/s) });
      await context.close();
    });

    test('an unlisted origin reads nothing, changes nothing, frames nothing', async () => {
      const context = await profile(true);
      const person = await Person.in(context, app);
      await person.signUp();
      await person.signIn();
      await person.page.goto(`http://localhost:${unlisted.port}/`);
      for (const path of ['/api/v1/me', '/auth/csrf', '/account', '/missing']) expect(await ask(person, path), path).toBe('hidden by the browser');
      const refused = requestsFor('POST', 403);
      const simple = { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"title":"Evil","body":"x"}' };
      expect(await ask(person, '/api/v1/documents', simple)).toBe('hidden by the browser');
      expect(await ask(person, '/api/v1/documents', { ...simple, mode: 'cors', headers: { 'content-type': 'application/json' } })).toBe('hidden by the browser');
      await until(() => requestsFor('POST', 403) === refused + 1);
      const framed = person.page.frames().filter((frame) => frame.parentFrame() !== null);
      expect(framed.map((frame) => frame.url())).toEqual(['chrome-error://chromewebdata/']);
      await person.page.getByRole('button', { name: 'Win a prize' }).click();
      await person.page.waitForURL('**/sign-out');
      await person.open('/account');
      await person.reads(person.email);
      await person.open('/api/v1/documents');
      expect(await person.page.content()).not.toContain('Evil');
      await context.close();
    });
  });
};

/** A page that tries what pages of others try. */
const hostilePage = (origin: string): string => `
<iframe src="${origin}/sign-in"></iframe>
<form method="post" action="${origin}/sign-out"><button>Win a prize</button></form>`;

const textIn = (answer: unknown): string => {
  const body: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'body') : undefined;
  if (typeof body !== 'string') throw new Error(`No answer: ${JSON.stringify(answer)}`);
  return body;
};

/** A device that has a finger on it all the time. */
const addAuthenticator = async (devtools: CDPSession): Promise<void> => {
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
};
