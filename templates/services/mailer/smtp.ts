import { createTransport } from 'nodemailer';
import type { Config } from '#src/config.ts';
import type { Mail, Sender } from './mail.ts';

/** This machine: what goes there crosses no network. */
export const isLoopback = (hostname: string): boolean => hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** How long a mail server may take for one step, ms. All of them together stay below the patience of a transaction. */
const timeouts = { dnsTimeout: 3000, connectionTimeout: 4000, greetingTimeout: 4000, socketTimeout: 8000 };

/**
 * What the SMTP client is told. Only host, port and login are taken from the URL: what its query says would switch off
 * checks. Other hosts get nothing, no login either, before TLS with a certificate that fits (CWE-319, CWE-295).
 */
export const smtpOptions = (smtpUrl: string, { SMTP_ALLOW_PLAINTEXT }: Pick<Config, 'SMTP_ALLOW_PLAINTEXT'>) => {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  const auth = username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isLoopback(hostname) && !SMTP_ALLOW_PLAINTEXT,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const,
    // A mail is text: nothing in it names a file or an address to be read in.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...timeouts,
    ...auth,
  };
};

/** Sends by SMTP, each mail over a connection of its own. */
export const sendBySmtp = (smtpUrl: string, config: Config): ((from: Sender, mail: Mail) => Promise<void>) => {
  const transport = createTransport(smtpOptions(smtpUrl, config));
  return async (from, { to, subject, text, replyTo }) => {
    // Addresses as objects: in a text, a comma would begin another one.
    const answers = replyTo === undefined ? {} : { replyTo: { name: '', address: replyTo } };
    await transport.sendMail({ from, to: { name: '', address: to }, ...answers, subject, text });
  };
};
