import { ownAccountPages } from './account-pages.ts';
import { assets } from './assets.ts';
import { changePasswordAddress } from './well-known.ts';
import { pagesModule } from './pages.ts';
import { passkeyPages } from './passkey-pages.ts';
import { recoveryPages } from './recovery-pages.ts';
import { signInPages } from './sign-in-pages.ts';
import { signUpPages } from './sign-up-pages.ts';
import { stepUpPages } from './step-up-pages.ts';
import { twoStepPages } from './two-step-pages.ts';

/** Every page between a person and their account. */
export const module = pagesModule([...signUpPages, ...signInPages, ...recoveryPages, ...stepUpPages, ...ownAccountPages, ...twoStepPages, ...passkeyPages], [
  ...assets,
  changePasswordAddress,
]);
