import type { Service, ServiceSetup } from '#src/services/setup.ts';
import { type Mail, type Sender, assertSafeMail, parseSender } from './mail.ts';
import { writeToOutbox } from './outbox.ts';

type Deliver = (from: Sender, mail: Mail) => Promise<void>;

/** Sends mails. From a job: a request should not wait for a mail server, and a mail that fails is to be tried again. */
export class Mailer implements Service {
  readonly #from: Sender;
  readonly #deliver: Deliver;

  constructor(from: Sender, deliver: Deliver) {
    this.#from = from;
    this.#deliver = deliver;
  }

  /**
   * Sends a mail of plain text to one address. When it resolves, the mail server has taken it over.
   * @throws UnsafeMailError for a field that could hold another address or header; Error when the server does not take it.
   */
  async send(mail: Mail): Promise<void> {
    assertSafeMail(mail);
    await this.#deliver(this.#from, mail);
  }

  /** A mail server that is down keeps nobody from working: mails wait in their jobs. */
  async ready(): Promise<void> {}

  async close(): Promise<void> {}
}

/** What an app of the tests sent, by its mailer. */
const captured = new WeakMap<Mailer, Mail[]>();

/** The mails that a test captured, oldest first; none where mails really go out. */
export const capturedBy = (mailer: Mailer): readonly Mail[] => captured.get(mailer) ?? [];

const capturing = (from: Sender): Mailer => {
  const mails: Mail[] = [];
  const mailer = new Mailer(from, async (_from, mail) => void mails.push(mail));
  captured.set(mailer, mails);
  return mailer;
};

/** By SMTP where SMTP_URL names a server; in memory in tests; else as files. */
export const start = async (setup: ServiceSetup): Promise<Mailer> => {
  const { config } = setup;
  const { SMTP_URL, NODE_ENV, OUTBOX_DIR, MAIL_FROM } = config;
  const from = parseSender(MAIL_FROM);
  if (SMTP_URL !== undefined) {
    const { sendBySmtp } = await import('./smtp.ts');
    return new Mailer(from, sendBySmtp(SMTP_URL, config));
  }
  return NODE_ENV === 'test' ? capturing(from) : new Mailer(from, writeToOutbox(OUTBOX_DIR, setup));
};
