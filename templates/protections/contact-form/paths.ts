import { ownPath } from '#src/protections/host-check/own-path.ts';

export const contactPath = ownPath('/contact');
export const thanksPath = ownPath('/contact/thank-you');
