import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'password-recovery',
  kind: 'option',
  group: 'Identity',
  title: 'Forgotten password',
  summary: 'Leads people who forgot their password back by mail: links that work once and for minutes, answers that tell nothing, and an end to every session.',
  phase: 'routes',
  requires: ['auth-password'],
  services: ['db', 'mailer', 'recurring', 'security-events', 'users'],
  dependencies: ['kysely', 'typebox'],
  env: {
    PASSWORD_RESET_PAGE: { type: 'string', default: '/reset-password', describe: 'The page that mails about a forgotten password lead to, below BASE_URL; it gets `?token=`' },
  },
  items: {
    Q410: {
      title: 'Reset by mail',
      threat: 'Predictable, reusable or leaking reset tokens hand over accounts; the form reveals who is registered.',
      asvs: ['V6.3.8', 'V6.4.3', 'V6.5.5', 'V6.6.2', 'V7.4.3', 'V11.5.1'],
      cwe: ['CWE-640', 'CWE-204', 'CWE-307'],
    },
  },
  notCovered: [
    'Whoever reads the mailbox of somebody can set their password; what they cannot do is pass a second factor.',
    'Somebody who lost the second factor too: that takes recovery codes, or a person who decides.',
    'Mails that are read on the way: they are as safe as the mail servers in between.',
  ],
});
