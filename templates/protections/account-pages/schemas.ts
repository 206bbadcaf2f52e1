import Type from 'typebox';
import { csrfField } from '#src/protections/csrf/field.ts';
import { closed } from '#src/protections/validation/core.ts';
import { text } from '#src/protections/validation/formats.ts';

/** Where to go on, as it came; `safeRedirect` decides. */
const next = () => Type.Optional(text(2048));
const notice = () => Type.Optional(text(40));

/** The query of a page that says what was just done. */
export const Notice = closed({ notice: notice() });
/** The query of a page on the way to another. */
export const Next = closed({ next: next() });
export const NextAndNotice = closed({ next: next(), notice: notice() });
/** A form without fields. */
export const Nothing = closed({ ...csrfField });

/** Fields of a form that leads to another page. */
export const nextField = { next: next() };
