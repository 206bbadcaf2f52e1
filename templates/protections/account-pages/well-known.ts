import Type from 'typebox';
import { route } from '#src/protections/app-core/route.ts';
import { ownPath } from '#src/protections/host-check/own-path.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { paths } from './paths.ts';

/** Where password managers look for the page that changes a password (W3C, A Well-Known URL for Changing Passwords). */
export const changePasswordAddress = route(
  {
    method: 'GET',
    path: ownPath('/.well-known/change-password'),
    access: 'public',
    input: {},
    output: Type.String(),
    summary: 'Leads to the page that changes a password',
  },
  () => redirectTo(paths.password),
);
