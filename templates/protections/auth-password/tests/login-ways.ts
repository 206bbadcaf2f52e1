import { randomUUID } from 'node:crypto';
import { loginWay } from '#tests/support/sessions/login-ways.ts';
import { login, makePerson } from './people.ts';

loginWay({
  way: 'password',
  route: 'POST /auth/login',
  factors: 'one',
  tries: 11,
  person: (app) => makePerson(app),
  subjects: ({ email }) => [`password:account:${email}`],
  right: (browser, person) => login(browser, person),
  wrong: (browser, { email }) => login(browser, { email, password: 'not the password of anybody' }),
  unknown: (browser) => login(browser, { email: `${randomUUID()}@people.test`, password: 'not the password of anybody' }),
});
