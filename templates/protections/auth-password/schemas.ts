import Type from 'typebox';
import { closed } from '#src/protections/validation/core.ts';
import { email, text } from '#src/protections/validation/formats.ts';
import { longestPassword } from './policy/policy.ts';

/** A password as it was typed: any characters, neither trimmed nor folded (ASVS V6.2.8). */
export const password = () => text(longestPassword, 1);

export const Login = closed({ email: email(), password: password() });
export const LoginResult = closed({ state: Type.Union([Type.Literal('signed-in'), Type.Literal('second-factor'), Type.Literal('password-change')]) });
export const Change = closed({ currentPassword: password(), newPassword: password() });
export const StepUp = closed({ password: password() });
