import { defineService } from '../../../src/manifest.ts';

export default defineService({
  id: 'mailer',
  title: 'Mail',
  summary: 'Sends plain text by SMTP where SMTP_URL names a server; otherwise a folder holds what would have been sent.',
  dependencies: ['nodemailer'],
  env: {
    SMTP_URL: {
      type: 'optional-url',
      protocols: ['smtp:', 'smtps:'],
      describe: 'The mail server, smtp://user:password@host:587 (STARTTLS) or smtps:// (TLS from the start); without it mails become files',
    },
    SMTP_ALLOW_PLAINTEXT: {
      type: 'boolean',
      default: false,
      describe: 'Mails may go to another host without TLS: for a network that is yours alone',
    },
    MAIL_FROM: {
      type: 'string',
      default: 'no-reply@localhost',
      describe: 'The sender of every mail: an address, or a name and <an address>',
    },
    OUTBOX_DIR: { type: 'string', default: 'data/outbox', describe: 'Where mails become files while there is no SMTP_URL' },
    ALLOW_MAIL_OUTBOX: { type: 'boolean', default: false, describe: 'Production may run without SMTP_URL: nobody gets any mail' },
  },
});
