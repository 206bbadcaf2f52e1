import Type from 'typebox';
import { password } from '#src/protections/auth-password/schemas.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email, text } from '#src/protections/validation/formats.ts';

/** A code from a link. */
export const code = () => text(100, 1);

const role = () => Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', maxLength: 32 });

export const SignUp = closed({ email: email(), password: password() });
export const Verification = closed({ code: code(), password: password() });
export const Address = closed({ email: email() });
/** No role but those that access-control may ask for; `service` is for machines. */
export const Invitation = closed({ email: email(), roles: Type.Optional(Type.Array(role(), { maxItems: 8, uniqueItems: true })) });
export const Acceptance = closed({ code: code(), password: password() });
/** The same for every address. */
export const Accepted = closed({ message: Type.String() });
