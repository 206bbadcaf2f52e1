import type { Received } from '#tests/support/http.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';
import { loginWay } from '#tests/support/sessions/login-ways.ts';
import { makePerson, newAddress } from './people.ts';
import { Visitor } from './visitor.ts';

/** Signs in by the page. What differs from browser to browser, and what was typed, is taken out of the answer: the rest must not differ. */
const signIn = async (browser: Browser, email: string, password: string): Promise<Received> => {
  const visitor = new Visitor(browser);
  await visitor.fetch('/sign-in');
  const token = (await browser.csrfToken()) ?? '';
  const received = await visitor.post('/sign-in', { _csrf: token, email, password });
  return { ...received, text: received.text.replaceAll(token, '').replaceAll(email, '') };
};

loginWay({
  way: 'password',
  route: 'POST /sign-in',
  factors: 'one',
  tries: 11,
  person: (app) => makePerson(app),
  subjects: ({ email }) => [`password:account:${email}`],
  right: (browser, { email, password }) => signIn(browser, email, password),
  wrong: (browser, { email }) => signIn(browser, email, 'not the password of anybody'),
  unknown: (browser) => signIn(browser, newAddress(), 'not the password of anybody'),
});
