import { newKeyPair } from '#tests/support/passkeys/authenticator.ts';
import { type Owner, authenticatorOf, owner, signInWith } from '#tests/support/passkeys/ceremonies.ts';
import { type Person, loginWay } from '#tests/support/sessions/login-ways.ts';

loginWay<Person & Owner>({
  way: 'passkey',
  route: 'POST /auth/passkeys/sign-in',
  factors: 'many',
  tries: 11,
  subjects: ({ id }) => [`passkey:${id}`],
  person: async (app) => {
    const made = await owner(app);
    return { ...made, userId: made.user.id };
  },
  right: (browser, { authenticator }) => signInWith(browser, authenticator),
  wrong: (browser, { authenticator }) => signInWith(browser, authenticator, { signedBy: newKeyPair().privateKey }),
  unknown: (browser) => signInWith(browser, authenticatorOf(browser.app), { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' }),
});
