import { type OwnPath, ownPath } from '#src/protections/host-check/own-path.ts';
import { encodeQuery } from '#src/protections/host-check/url-parts.ts';

/** Where the pages are. Mails lead to three of them: VERIFY_EMAIL_PAGE, INVITATION_PAGE and PASSWORD_RESET_PAGE say the same. */
export const paths = {
  signUp: ownPath('/sign-up'),
  checkYourMail: ownPath('/check-your-mail'),
  verifyEmail: ownPath('/verify-email'),
  anotherMail: ownPath('/verify-email/another-mail'),
  invitation: ownPath('/invitation'),
  signIn: ownPath('/sign-in'),
  code: ownPath('/sign-in/code'),
  recoveryCode: ownPath('/sign-in/recovery-code'),
  signOut: ownPath('/sign-out'),
  forgotPassword: ownPath('/forgot-password'),
  resetPassword: ownPath('/reset-password'),
  account: ownPath('/account'),
  password: ownPath('/account/password'),
  sessions: ownPath('/account/sessions'),
  twoStep: ownPath('/account/two-step'),
  passkeys: ownPath('/account/passkeys'),
  stepUp: ownPath('/step-up'),
  style: ownPath('/assets/account.css'),
  script: ownPath('/assets/passkeys.js'),
} as const;

/** `path` with a query; values of undefined are left out. */
export const withQuery = (path: OwnPath, query: Readonly<Record<string, string | undefined>>): OwnPath => {
  const search = encodeQuery(query);
  return search === '' ? path : ownPath(`${path}?${search}`);
};
