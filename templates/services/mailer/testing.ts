import type { Mail } from '#src/services/mailer/mail.ts';
import { capturedBy } from '#src/services/mailer/service.ts';
import type { TestApp } from '#tests/support/app.ts';
import type { Preparation } from '#tests/support/preparation.ts';

/** No test sends a real mail, whatever the environment says. */
export const prepare = async (_given: Preparation): Promise<Record<string, string>> => ({ SMTP_URL: '' });

/** Every mail that the app sent, oldest first. */
export const mailsOf = ({ context }: Pick<TestApp, 'context'>): readonly Mail[] => capturedBy(context.services.mailer);
