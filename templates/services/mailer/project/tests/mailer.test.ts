import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Mail, UnsafeMailError, assertSafeMail, parseSender } from '#src/services/mailer/mail.ts';
import { smtpOptions } from '#src/services/mailer/smtp.ts';
import { startApp } from '#tests/support/app.ts';
import { mailsOf } from '#tests/support/mailer.ts';

const folder = await mkdtemp(join(tmpdir(), 'secure-app-mail-'));
after(() => rm(folder, { recursive: true }));

const mail: Mail = { to: 'ann@example.test', subject: 'Grüße', text: 'Line one\nLine two\n.\nThe end' };

interface FakeServer {
  readonly port: number;
  /** Every line that a client sent. */
  readonly lines: readonly string[];
}

/** A mail server that takes everything, or refuses every mail, and knows no TLS. */
const fakeServer = async (refuse = false): Promise<FakeServer> => {
  const lines: string[] = [];
  const serve = (socket: Socket): void => {
    let inData = false;
    let rest = '';
    const answer = (line: string): void => void socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      lines.push(line);
      if (inData) {
        if (line !== '.') return;
        inData = false;
        return answer('250 taken');
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') return answer('250-fake\r\n250 8BITMIME');
      if (verb === 'STAR') return answer('502 no such command');
      if (verb === 'DATA') inData = true;
      if (verb === 'QUIT') return void socket.end('221 bye\r\n');
      answer(verb === 'DATA' ? '354 go on' : refuse && verb === 'RCPT' ? '451 later' : '250 well');
    };
    socket.on('data', (chunk) => {
      const all = (rest + chunk.toString()).split('\r\n');
      rest = all.pop() ?? '';
      for (const line of all) take(line);
    });
    socket.on('error', () => socket.destroy());
    answer('220 fake');
  };
  const server = createServer(serve);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, lines };
};

test('in tests mails are kept in memory, in the order in which they were sent', async () => {
  const app = await startApp();
  await app.context.services.mailer.send(mail);
  await app.context.services.mailer.send({ ...mail, to: 'bob@example.test' });
  assert.deepEqual(mailsOf(app), [mail, { ...mail, to: 'bob@example.test' }]);
  assert.deepEqual(mailsOf(await startApp()), []);
});

test('a mail goes out by SMTP, to one address, as plain text', async () => {
  const server = await fakeServer();
  const app = await startApp({ env: { SMTP_URL: `smtp://127.0.0.1:${server.port}`, MAIL_FROM: 'The app <app@example.test>' } });
  await app.context.services.mailer.send(mail);
  const sent = server.lines.join('\n');
  assert.match(sent, /^MAIL FROM:<app@example\.test>/m);
  assert.deepEqual(
    server.lines.filter((line) => line.startsWith('RCPT')),
    ['RCPT TO:<ann@example.test>'],
  );
  assert.match(sent, /^From: The app <app@example\.test>$/m);
  assert.match(sent, /^To: ann@example\.test$/m);
  assert.match(sent, /^Content-Type: text\/plain; charset=utf-8$/m);
  assert.match(sent, /^Line two\n\.\.\nThe end$/m);
  assert.deepEqual(mailsOf(app), []);
});

test('an answer goes to the one address that a mail names for it', async () => {
  const server = await fakeServer();
  const app = await startApp({ env: { SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
  await app.context.services.mailer.send({ ...mail, replyTo: "o'neil+tag@example.test" });
  assert.deepEqual(server.lines.filter((line) => line.startsWith('Reply-To')), ["Reply-To: o'neil+tag@example.test"]);
  assert.equal(server.lines.filter((line) => line.startsWith('RCPT')).length, 1);
});

test('a mail that the server does not take is an error', async () => {
  const server = await fakeServer(true);
  const app = await startApp({ env: { SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
  await assert.rejects(app.context.services.mailer.send(mail), /451/);
  const gone = await startApp({ env: { SMTP_URL: 'smtp://127.0.0.1:1' } });
  await assert.rejects(gone.context.services.mailer.send(mail), /ECONNREFUSED/);
  assert.equal((await fetch(`${gone.url}/readyz`, { headers: { host: 'app.test' } }).catch(() => undefined))?.status === 503, false);
});

test('another host gets neither mail nor login before TLS, unless that is allowed', async () => {
  const server = await fakeServer();
  // To this machine all the same, by an address that does not say so.
  const env = { SMTP_URL: `smtp://user:pass-canary@0.0.0.0:${server.port}` };
  const app = await startApp({ env });
  await assert.rejects(app.context.services.mailer.send(mail), /STARTTLS/);
  assert.doesNotMatch(server.lines.join('\n'), /AUTH|MAIL|pass-canary|ann@/);
  const allowed = await startApp({ env: { SMTP_URL: `smtp://0.0.0.0:${server.port}`, SMTP_ALLOW_PLAINTEXT: 'on' } });
  await allowed.context.services.mailer.send(mail);
  assert.match(server.lines.join('\n'), /RCPT TO:<ann@example\.test>/);
});

test('what the URL of the mail server says beyond server and login changes nothing', () => {
  const strict = { SMTP_ALLOW_PLAINTEXT: false };
  const options = smtpOptions('smtp://a%40b:p%2Fw@mail.example.test?ignoreTLS=true&requireTLS=false&tls.rejectUnauthorized=false', strict);
  assert.equal(options.requireTLS, true);
  assert.deepEqual(options.tls, { minVersion: 'TLSv1.2', rejectUnauthorized: true });
  assert.deepEqual([options.host, options.port, options.secure], ['mail.example.test', 587, false]);
  assert.deepEqual('auth' in options ? options.auth : undefined, { user: 'a@b', pass: 'p/w' });
  const implicit = smtpOptions('smtps://mail.example.test', strict);
  assert.deepEqual([implicit.port, implicit.secure], [465, true]);
  for (const near of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]']) assert.equal(smtpOptions(`smtp://${near}:25`, strict).requireTLS, false, near);
  for (const far of ['localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1', '[::2]', 'mail'])
    assert.equal(smtpOptions(`smtp://${far}:25`, strict).requireTLS, true, far);
});

test('nothing in a field adds a header, a recipient or a command', async () => {
  const server = await fakeServer();
  const smtp = await startApp({ env: { SMTP_URL: `smtp://127.0.0.1:${server.port}` } });
  const memory = await startApp();
  const breaks = ['\r\n', '\n', '\r', '\u0000', '\u0085', '\u2028', '\u2029', '\u000b'];
  const addresses = [
    ...breaks.flatMap((line) => [`a@example.test${line}Bcc: v@example.test`, `${line}a@example.test`, `a@example.test${line}`]),
    'a@example.test, v@example.test',
    'a@example.test,v@example.test',
    'a@example.test; v@example.test',
    'a@example.test v@example.test',
    'Ann <a@example.test>',
    '<a@example.test>',
    'v@example.test,<a@example.test>',
    'group: a@example.test;',
    '"v@example.test "@example.test',
    '',
    'a',
    '@example.test',
    'a@',
    'a@b@example.test',
    'a@[127.0.0.1]',
    'a(b)@example.test',
    `${'a'.repeat(65)}@example.test`,
    `a@${'b'.repeat(260)}.test`,
  ];
  const evil: Mail[] = [
    ...addresses.flatMap((address) => [{ ...mail, to: address }, { ...mail, replyTo: address }]),
    ...breaks.map((line) => ({ ...mail, subject: `Hello${line}Bcc: v@example.test` })),
    { ...mail, subject: 'x'.repeat(201) },
    { ...mail, text: 'a\u0000b' },
    { ...mail, text: 'x'.repeat(100_001) },
  ];
  for (const each of evil) {
    for (const app of [smtp, memory]) await assert.rejects(app.context.services.mailer.send(each), UnsafeMailError, JSON.stringify(each).slice(0, 80));
  }
  assert.deepEqual(mailsOf(memory), []);
  assert.equal(server.lines.length, 0);
  for (const to of ['ann@example.test', "o'neil+tag@sub.example.test", 'ann@bücher.example', '!#$%&*/=?^_`{|}~-@example.test']) assertSafeMail({ ...mail, to });
  // A text that looks like SMTP stays text.
  await smtp.context.services.mailer.send({ ...mail, text: 'a\r\n.\r\nMAIL FROM:<v@example.test>\r\nRCPT TO:<v@example.test>\r\nDATA' });
  const begin = server.lines.indexOf('DATA');
  const commands = server.lines.slice(0, begin);
  assert.equal(commands.filter((line) => line.startsWith('RCPT')).length, 1);
  const text = server.lines.slice(server.lines.indexOf('', begin) + 1, server.lines.indexOf('.', begin));
  assert.doesNotMatch(server.lines.join('\n'), /^Reply-To/im);
  assert.deepEqual(text, ['a', '..', 'MAIL FROM:<v@example.test>', 'RCPT TO:<v@example.test>', 'DATA']);
});

test('the sender is an address, or a name and an address', async () => {
  assert.deepEqual(parseSender('app@example.test'), { name: '', address: 'app@example.test' });
  assert.deepEqual(parseSender('The app <app@example.test>'), { name: 'The app', address: 'app@example.test' });
  for (const from of ['', 'app', 'a@example.test, b@example.test', 'App <a@example.test> b', 'App\r\nBcc: v@example.test <a@example.test>', 'A <b> <c@example.test>'])
    assert.throws(() => parseSender(from), UnsafeMailError, from);
  await assert.rejects(startApp({ env: { MAIL_FROM: 'nobody' } }), UnsafeMailError);
});

test('without a mail server mails are files that only their owner reads', async () => {
  const OUTBOX_DIR = join(folder, 'deep/outbox');
  const app = await startApp({ config: { NODE_ENV: 'development', OUTBOX_DIR } });
  for (const to of ['../../escape@example.test', 'a/b@example.test', '`id`@example.test', `x${'.'.repeat(40)}@example.test`])
    await app.context.services.mailer.send({ ...mail, to });
  app.clock.advance(1);
  await app.context.services.mailer.send({ ...mail, replyTo: 'bob@example.test' });
  const files = (await readdir(OUTBOX_DIR)).toSorted();
  assert.equal(files.length, 5);
  for (const file of files) {
    assert.match(file, /^2030-01-01T00-00-00-\d{3}Z-[\da-f-]{36}\.eml$/);
    assert.equal((await stat(join(OUTBOX_DIR, file))).mode & 0o777, 0o600);
  }
  assert.equal((await stat(OUTBOX_DIR)).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(folder), ['deep']);
  const text = await readFile(join(OUTBOX_DIR, files.at(-1) ?? ''), 'utf8');
  assert.match(text, /^To: ann@example\.test\nReply-To: bob@example\.test\nSubject: Grüße\n/m);
  assert.match(text, /\n\nLine one\nLine two\n\.\nThe end\n$/);
});
