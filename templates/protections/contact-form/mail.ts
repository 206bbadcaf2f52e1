import { defineJob } from '#src/protections/jobs/job.ts';
import { closed } from '#src/protections/validation/core.ts';
import { email, text } from '#src/protections/validation/formats.ts';

/** What somebody wrote. */
export const messageFields = { name: text(100, 1), email: email(), message: text(5000, 1) };

const oneLine = (given: string): string => given.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
const lines = (given: string): string => given.replaceAll(/\r\n?/g, '\n').replaceAll(/[^\P{Cc}\t\n]/gu, ' ');

/**
 * Mails a message to the one address that gets them all. Nothing of it stands in a header but the address for the answer; the visitor
 * gets no mail: it would go to whomever they name (CWE-93, CWE-799).
 */
export const contactMail = defineJob({
  type: 'contact-form.message',
  payload: closed(messageFields),
  run: async ({ payload, app }) => {
    const { CONTACT_RECIPIENT, CONTACT_SUBJECT, BASE_URL } = app.config;
    await app.services.mailer.send({
      to: CONTACT_RECIPIENT,
      replyTo: payload.email,
      subject: CONTACT_SUBJECT,
      text: [
        `Name: ${oneLine(payload.name)}`, // protect: Q431 (oneLine(payload.name) -> payload.name)
        `Address, which nobody has confirmed: ${payload.email}`,
        '',
        lines(payload.message), // protect: Q431 (lines(payload.message) -> payload.message)
        '',
        `Sent by the contact form of ${new URL(BASE_URL).host}.`,
      ].join('\n'),
    });
  },
});
