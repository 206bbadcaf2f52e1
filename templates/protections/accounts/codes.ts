import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { digestOf, newToken } from '#src/protections/encryption/token.ts';
import { absoluteUrl } from '#src/protections/host-check/links.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';

const hourMs = 3_600_000;

/** How long the code in a mail about a sign-up works; then another one can be asked for. */
export const verificationMs = hourMs;
/** How long somebody who signed up is waited for. */
export const registrationMs = 24 * hourMs;
/** How long an invitation can be accepted. */
export const invitationMs = 72 * hourMs;

/** A code, what is kept of it, and the link that the mail shows. */
export interface MailedCode {
  readonly digest: Buffer;
  readonly link: string;
}

/**
 * Makes a code of 256 bits for a mail (ASVS V6.4.1). It is made where the mail is sent: no row and no log ever holds it.
 * @param page the path that the link leads to. Opening it uses nothing up: programs that look into mails open links too.
 */
export const newCode = ({ config }: Pick<AppContext, 'config'>, page: string): MailedCode => {
  const code = newToken();
  return { digest: digestOf(code), link: absoluteUrl(config, ownPath(`${page}?code=${code}`)) };
};

/** One answer to a code that is wrong, used, expired or replaced. */
export const codeInvalid = (): Problem => new Problem(400, { detail: 'This link has expired or was used before. Ask for another one.', extensions: { code: 'code_invalid' } });
