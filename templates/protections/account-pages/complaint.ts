import type { Problem } from '#src/protections/app-core/problem.ts';
import type { Complaint, FormState } from './form.ts';

type Values = FormState['values'];

/** For which fields a refusal can be meant; the first one that the form has. */
const fieldsByCode: Readonly<Record<string, readonly string[]>> = {
  password_refused: ['newPassword', 'password'],
  password_wrong: ['currentPassword', 'password'],
  wrong_code: ['code'],
};

const sentencesByCode: Readonly<Record<string, string>> = {
  csrf_token_required: 'This page was open for too long. Send it once more.',
  registration_closed: 'Only who was invited can have an account here.',
};

const sentencesByField: Readonly<Record<string, string>> = {
  email: 'Type an address such as name@example.com.',
  password: 'Type a password of at most 256 characters.',
  currentPassword: 'Type a password of at most 256 characters.',
  newPassword: 'Type a password of at most 256 characters.',
  code: 'Type the whole code.',
};

const sentencesByStatus: Readonly<Record<number, string>> = {
  401: 'The address or the password is wrong.',
  404: 'It is gone already.',
  409: 'Something else changed meanwhile. Try once more.',
};

/** What a refusal says to the person who filled in the form. It tells no more than the Problem does (CWE-204). */
export const complaintOf = (problem: Problem, values: Values): Complaint => {
  const { path, code } = problem.extensions;
  const invalid = typeof path === 'string' ? path.replace(/^\/(?:body|query)\//, '') : undefined;
  const named = typeof code === 'string' ? code : '';
  const field = fieldsByCode[named]?.find((name) => name in values) ?? (invalid !== undefined && invalid in values ? invalid : undefined);
  return { message: sentenceOf(problem, named, invalid), field };
};

const sentenceOf = ({ status, title, detail, headers }: Problem, code: string, invalid: string | undefined): string => {
  if (status === 429) return `That was tried too often. ${waitOf(Number(headers['retry-after'] ?? 60))}`;
  if (invalid !== undefined) return sentencesByField[invalid] ?? 'Something in this form cannot be used.';
  return sentencesByCode[code] ?? detail ?? sentencesByStatus[status] ?? title;
};

const waitOf = (seconds: number): string => (seconds < 90 ? `Wait ${seconds} seconds.` : `Wait ${Math.ceil(seconds / 60)} minutes.`);
