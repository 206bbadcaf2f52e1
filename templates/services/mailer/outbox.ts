import { randomUUID } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServiceSetup } from '#src/services/setup.ts';
import type { Mail, Sender } from './mail.ts';

/** The mail as a developer reads it, and as a mail program opens it. */
const asFile = ({ name, address }: Sender, { to, subject, text, replyTo }: Mail, now: Date): string =>
  [
    `From: ${name === '' ? address : `"${name}" <${address}>`}`,
    `To: ${to}`,
    ...(replyTo === undefined ? [] : [`Reply-To: ${replyTo}`]),
    `Subject: ${subject}`,
    `Date: ${now.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
  ].join('\n');

/**
 * Keeps mails as files, the newest last by name. Nothing in a name comes from the mail: an address chooses no path
 * (CWE-22). They hold links that sign somebody in, so they are for this user alone.
 */
export const writeToOutbox = (directory: string, { clock, log }: Pick<ServiceSetup, 'clock' | 'log'>): ((from: Sender, mail: Mail) => Promise<void>) => {
  const folder = resolve(directory);
  return async (from, mail) => {
    const now = new Date(clock.now());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const file = `${now.toISOString().replaceAll(/[:.]/g, '-')}-${randomUUID()}.eml`;
    await writeFile(join(folder, file), asFile(from, mail, now), { mode: 0o600, flag: 'wx' });
    log.info({ file: join(directory, file) }, 'a mail became a file');
  };
};
