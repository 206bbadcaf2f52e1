import type { Config } from '#src/config.ts';
import type { Field } from './form.ts';

export const emailField: Field = { name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', maxLength: 254 };

// No longest length for passwords: a browser would cut what is pasted, and say nothing.
export const passwordField: Field = {
  name: 'password',
  label: 'Password',
  type: 'password', // protect: Q416 ('password' -> 'text')
  autocomplete: 'current-password', // protect: Q416 ('current-password' -> 'off')
};

/** A field for a password that is chosen here; says before the first try what is asked of it. */
export const chosenPassword = ({ PASSWORD_MIN_LENGTH: least }: Pick<Config, 'PASSWORD_MIN_LENGTH'>, name: string, label: string): Field => ({
  name,
  label,
  type: 'password',
  autocomplete: 'new-password',
  hint: `At least ${least} characters, any characters. A few words that have nothing to do with each other are good.`,
});

export const codeField: Field = { name: 'code', label: 'Code from your authenticator app', type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 16 };

export const recoveryCodeField: Field = { name: 'code', label: 'Recovery code', type: 'text', autocomplete: 'off', maxLength: 64 };
