import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'contact-form',
  kind: 'option',
  group: 'Pages',
  title: 'Public contact form',
  summary: 'Lets strangers write to one address and to no other: no header of theirs, no mail to them, a few in an hour, and programs that send it learn nothing.',
  phase: 'routes',
  requires: ['csrf', 'encryption', 'html', 'jobs', 'rate-limit', 'redirects'],
  services: ['db', 'keys', 'mailer'],
  dependencies: ['typebox'],
  env: {
    CONTACT_RECIPIENT: { type: 'string', default: 'contact@localhost', describe: 'The one address that messages of the contact form go to' },
    CONTACT_SUBJECT: { type: 'string', default: 'A message from the contact form', describe: 'The subject of the mails of the contact form' },
  },
  items: {
    Q431: {
      title: 'Mail abuse',
      threat: 'The form becomes a relay, a mail bomb or a header-injection tool.',
      asvs: ['V1.3.11', 'V2.4.1', 'V2.4.2'],
      cwe: ['CWE-93', 'CWE-799'],
    },
  },
  notCovered: [
    'Whether the address of a visitor is theirs: an answer goes to whom they name.',
    'People who fill in forms for money, and programs that wait and come from many networks: the cap for all bounds what they send.',
    'What a message says: links and lies in it are for whoever reads it.',
    'Messages stay in the table of jobs for JOBS_KEEP_DAYS after they were mailed.',
  ],
});
