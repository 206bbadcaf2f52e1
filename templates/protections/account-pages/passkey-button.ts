import type { OwnPath } from '#src/protections/host-check/own-path.ts';
import { csrfToken } from '#src/protections/csrf/token.ts';
import { type Html, html } from '#src/protections/html/html.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { paths, withQuery } from './paths.ts';

interface PasskeyButton {
  readonly ceremony: 'sign-in' | 'step-up' | 'registration';
  readonly label: string;
  /** Where the browser goes when the ceremony is over. */
  readonly next: OwnPath;
  /** What is asked before, for example for a name. */
  readonly before?: Html;
}

/** Hidden until the script has found that this browser knows passkeys. */
export const passkeyButton = (given: Given, { ceremony, label, next, before }: PasskeyButton): Html => html`<section
 class="passkey" data-ceremony="${ceremony}" data-csrf="${csrfToken(given)}" data-next="${next}" data-step-up="${withQuery(paths.stepUp, { next })}" hidden>
${before}
<button type="button">${label}</button>
<p class="outcome" role="status"></p>
</section>`;
