import { hash, randomBytes } from 'node:crypto';
import type { TestApp } from '#tests/support/app.ts';
import { type Received, send } from '#tests/support/http.ts';
import type { Browser } from '#tests/support/sessions/browser.ts';

/** Where codes for the app on the device go: `NATIVE_CLIENTS: 'phone=<this>'`. */
export const redirectUri = 'com.example.app:/signed-in';

/** Signs a device in for whoever is signed in in a browser. Returns its refresh token. */
export const signInDevice = async (browser: Browser): Promise<string> => {
  const codeVerifier = randomBytes(32).toString('base64url');
  const challenge = { codeChallenge: hash('sha256', codeVerifier, 'base64url'), codeChallengeMethod: 'S256' };
  const approved = await browser.post('/native/v1/authorize', { clientId: 'phone', redirectUri, ...challenge, state: 'state', deviceName: 'Phone' });
  const code = new URL(String(approved.json()['redirectTo'])).searchParams.get('code');
  const token = await send(browser.app, 'POST', '/native/v1/token', { body: { grantType: 'authorization_code', clientId: 'phone', redirectUri, code, codeVerifier } });
  const { refreshToken } = token.json();
  if (typeof refreshToken !== 'string') throw new Error(`the device was not signed in: ${token.text}`);
  return refreshToken;
};

export const refresh = (app: TestApp, refreshToken: string): Promise<Received> =>
  send(app, 'POST', '/native/v1/token', { body: { grantType: 'refresh_token', refreshToken } });
