import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { bootCheck } from '#src/protections/contact-form/boot-check.ts';
import { peopleOf } from '#src/protections/contact-form/people.ts';
import type { Mail } from '#src/services/mailer/mail.ts';
import { type TestApp, startApp } from '#tests/support/app.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { elementsOf, formsOf, shapeOf, textOf } from '#tests/support/html/markup.ts';
import { payloads } from '#tests/support/html/payloads.ts';
import type { Received } from '#tests/support/http.ts';
import { drainJobs } from '#tests/support/jobs/drain.ts';
import { mailsOf } from '#tests/support/mailer.ts';
import { Browser } from '#tests/support/sessions/browser.ts';

/** A queue of its own: time passes here, and jobs of other tests would come due. */
const env = { CONTACT_RECIPIENT: 'owner@site.test', CONTACT_SUBJECT: 'From the site', JOBS_QUEUE: `contact-${randomUUID()}` };
const app = await startApp({ env });
/** Its limits are its own, and so is its cap: the database may be shared, and the hour is another one. */
const apart = async (hours: number): Promise<TestApp> => {
  const other = await startApp({ env });
  other.clock.advance(hours * 3_600_000);
  return other;
};

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
const honest = { name: 'Ada Lovelace', email: 'ada@visitor.test', message: 'Good morning.\nCould you call me?' };
type Fields = Readonly<Record<string, unknown>>;

/** The form as a browser gets it. */
const openForm = async (browser: Browser): Promise<Readonly<Record<string, string>>> => {
  const page = await browser.get('/contact', { headers: { accept } });
  assert.equal(page.status, 200);
  const [form] = formsOf(page.text);
  assert.ok(form !== undefined);
  return form.hidden;
};

/** A form as a browser posts it. */
const post = (browser: Browser, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Received> =>
  browser.post('/contact', new URLSearchParams(fields).toString(), { headers: { accept, 'content-type': 'application/x-www-form-urlencoded', ...headers } });

/** Reads the form, writes for `ms`, sends it. */
const write = async (fields: Readonly<Record<string, string>> = {}, { ms = 10_000, browser = new Browser(app) } = {}): Promise<Received> => {
  const hidden = await openForm(browser);
  browser.app.clock.advance(ms);
  return post(browser, { ...hidden, ...honest, website: '', ...fields });
};

const ticketOf = async (browser: Browser): Promise<string> => String((await browser.get('/contact/ticket')).json()['ticket']);

/** The same by a program, or by script. */
const send = async (fields: Fields = {}, { ms = 10_000, browser = new Browser(app) } = {}): Promise<Received> => {
  const ticket = await ticketOf(browser);
  browser.app.clock.advance(ms);
  return browser.post('/contact', { ticket, ...honest, ...fields });
};

/** The mails that `act` led to, once everything that is due was done. */
const mailsBy = async (act: () => Promise<unknown>, of = app): Promise<readonly Mail[]> => {
  const before = mailsOf(of).length;
  await act();
  await drainJobs(of);
  return mailsOf(of).slice(before);
};

/** One mail, to the one recipient, with the one subject; the visitor stands nowhere but in the text and where the answer goes. */
const assertOneMail = (mails: readonly Mail[], replyTo = honest.email): string => {
  assert.equal(mails.length, 1);
  const { text, ...head } = mails[0] ?? { text: '' };
  assert.deepEqual(head, { to: env.CONTACT_RECIPIENT, subject: env.CONTACT_SUBJECT, replyTo });
  return text;
};

const accepted = { message: 'The message is on its way.' };

benign('a visitor writes without script, and is thanked', async () => {
  const browser = new Browser(app);
  const mails = await mailsBy(async () => {
    const answer = await write({}, { browser });
    assert.deepEqual([answer.status, answer.headers['location']], [303, '/contact/thank-you']);
    assert.match(textOf((await browser.get('/contact/thank-you', { headers: { accept } })).text), /Thank you/);
  });
  const text = assertOneMail(mails);
  for (const part of ['Name: Ada Lovelace', honest.email, honest.message, 'app.test']) assert.ok(text.includes(part), text);
});

benign('script writes by JSON', async () => {
  const mails = await mailsBy(async () => {
    const answer = await send();
    assert.deepEqual([answer.status, answer.json()], [200, accepted]);
  });
  assertOneMail(mails);
});

benign('what was typed is still there when something was wrong with it, and the form works at once', async () => {
  const browser = new Browser(app);
  const refused = await write({ email: 'nobody', message: '</textarea><b>hello' }, { browser });
  assert.equal(refused.status, 422);
  const field = (name: string) => elementsOf(refused.text).find(({ attributes }) => attributes.get('name') === name)?.attributes;
  assert.deepEqual([field('name')?.get('value'), field('email')?.get('value'), field('email')?.get('aria-describedby')], [honest.name, 'nobody', 'complaint']);
  assert.match(refused.text, /role="alert" id="complaint">Type an address such as/);
  assert.ok(refused.text.includes('&lt;/textarea&gt;&lt;b&gt;hello</textarea>'));
  const again = formsOf(refused.text)[0]?.hidden ?? {};
  assertOneMail(await mailsBy(() => post(browser, { ...again, ...honest, website: '' })));
});

benign('a form that lay open for a day is sent, by one more click at most', async () => {
  const browser = new Browser(app);
  const mails = await mailsBy(async () => {
    const late = await write({}, { browser, ms: 86_400_000 });
    const [again] = formsOf(late.text);
    if (again !== undefined) await post(browser, { ...again.hidden, ...honest, website: '' });
  });
  assertOneMail(mails);
});

benign('a check for people passes people', async () => {
  const checked = await apart(1000);
  peopleOf(checked.context).check = async (proof) => proof === 'person';
  assertOneMail(await mailsBy(() => send({ proof: 'person' }, { browser: new Browser(checked) }), checked));
});

benign('the recipient is one address, and in production one that somebody reads', () => {
  const facts = processFacts(app.context.config);
  const problems = (config: Partial<typeof facts.config>): number => bootCheck({ ...facts, config: { ...facts.config, ...config } }).length;
  assert.equal(problems({}), 0);
  const production = { NODE_ENV: 'production', SMTP_URL: 'smtps://mail.site.test' } as const;
  assert.equal(problems(production), 0);
  assert.equal(problems({ ...production, CONTACT_RECIPIENT: 'contact@localhost' }), 1);
  for (const CONTACT_RECIPIENT of ['', 'a@b.test, v@b.test', 'Owner <a@b.test>', 'a@b.test\r\nBcc: v@b.test']) assert.equal(problems({ CONTACT_RECIPIENT }), 1, CONTACT_RECIPIENT);
  assert.equal(problems({ CONTACT_SUBJECT: 'x\r\nBcc: v@b.test' }), 1);
});

attack('Q431', 'an address that holds another one, or a header', async () => {
  assertOneMail(await mailsBy(() => send()));
  const evil = ['a@b.test\r\nBcc: v@x.test', 'a@b.test\nBcc: v@x.test', 'a@b.test%0d%0aBcc:v@x.test', 'a@b.test, v@x.test', 'a@b.test,v@x.test', 'a@b.test;v@x.test', 'Ada <a@b.test>', 'a@b.test v@x.test', '"a\\"@x"@b.test', 'a@b.test\u0000', 'a@b.test\u2028'];
  const mails = await mailsBy(async () => {
    for (const email of [...evil, ['a@b.test', 'v@x.test'], { address: 'a@b.test' }, 1, null]) {
      const answer = await send({ email });
      assert.ok(answer.status === 422 || answer.status === 400, `${JSON.stringify(email)}: ${answer.status}`);
    }
    for (const field of ['to', 'bcc', 'cc', 'recipient', 'subject', 'from', 'replyTo']) assert.equal((await send({ [field]: 'v@x.test' })).status, 422, field);
  });
  assert.deepEqual(mails, []);
});

attack('Q431', 'a name or a text that brings headers, lines or markup of its own', async () => {
  const names = ['x\r\nBcc: v@x.test', 'x\nAddress, which nobody has confirmed: v@x.test', 'x\u2028Bcc: v@x.test', 'x\u0085y', 'x\u0007y', '=?utf-8?q?x=0d=0aBcc?='];
  for (const name of names) {
    const text = assertOneMail(await mailsBy(() => send({ name })));
    const lines = text.split(/\r\n|[\r\n\u0085\u2028\u2029]/);
    assert.equal(lines.filter((line) => line.startsWith('Name: ')).length, 1);
    assert.equal(lines[1], `Address, which nobody has confirmed: ${honest.email}`, text);
    assert.doesNotMatch(text, /^Bcc/m);
  }
  for (const message of ['<b>bold</b><script>1</script>', '.\r\nMAIL FROM:<v@x.test>', 'a\u0007\u001b[31mb\u007f', 'Content-Type: text/html\n\n<b>']) {
    const text = assertOneMail(await mailsBy(() => send({ message })));
    assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
  }
});

attack('Q431', 'what a program does: every field filled, sent at once, a time of its own', async () => {
  const honestly = await send();
  const tickets = async (browser: Browser): Promise<readonly string[]> => {
    const ticket = await ticketOf(browser);
    const [time = '', mac = ''] = ticket.split('.');
    const long = String(Number(time) - 60_000);
    return [`${long}.${mac}`, `${long}.${'A'.repeat(43)}`, long, '', `${ticket}A`, `${ticket}.1`, `-1.${mac}`, `1e3.${mac}`, `${mac}.${mac}`];
  };
  const mails = await mailsBy(async () => {
    const tries: (() => Promise<Received>)[] = [() => send({ website: 'https://evil.test' }), () => send({ website: ' ' }), () => send({}, { ms: 0 }), () => send({}, { ms: 1000 }), () => send({}, { ms: 2999 })];
    for (const ticket of await tickets(new Browser(app))) tries.push(() => send({ ticket }));
    for (const [index, attempt] of tries.entries()) {
      const answer = await attempt();
      assert.deepEqual([answer.status, answer.text], [honestly.status, honestly.text], `try ${index}`);
    }
    const forms = [await write({ website: 'x' }), await write({}, { ms: 1000 }), await write({ ticket: '1.x' })];
    for (const answer of forms) assert.deepEqual([answer.status, answer.headers['location'], answer.text], [303, '/contact/thank-you', '']);
  });
  assertOneMail(mails);
  assert.doesNotMatch(app.log.text, /Lovelace|ada@visitor|Could you call/);
});

attack('Q431', 'a ticket that was harvested once', async () => {
  const browser = new Browser(app);
  const ticket = await ticketOf(browser);
  app.clock.advance(3_600_000);
  assertOneMail(await mailsBy(() => browser.post('/contact', { ticket, ...honest })));
  app.clock.advance(1);
  const answer = await browser.post('/contact', { ticket, ...honest });
  assert.deepEqual([answer.status, answer.json()['code']], [422, 'form_expired']);
  const late = await write({}, { browser, ms: 3_600_001 });
  assert.deepEqual([late.status, /open for a long time/.test(textOf(late.text))], [422, true]);
  assert.deepEqual(await mailsBy(async () => {}), []);
});

attack('Q431', 'whoever fails the check for people, or finds it down', async () => {
  const checked = await apart(1001);
  peopleOf(checked.context).check = async (proof) => {
    if (proof === 'down') throw new Problem(503);
    return proof === 'person';
  };
  const browser = new Browser(checked);
  assertOneMail(await mailsBy(() => send({ proof: 'person' }, { browser }), checked));
  const mails = await mailsBy(async () => {
    for (const proof of [undefined, '', 'robot']) assert.deepEqual((await send({ proof }, { browser: new Browser(checked) })).json(), accepted);
    assert.equal((await send({ proof: 'down' }, { browser })).status, 503);
  }, checked);
  assert.deepEqual(mails, []);
});

attack('Q431', 'a flood from one address', async () => {
  const browser = new Browser(app);
  const statuses: number[] = [];
  const mails = await mailsBy(async () => {
    for (let tries = 0; tries < 7; tries += 1) statuses.push((await send({}, { browser })).status);
  });
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
  assert.equal(mails.length, 5);
  const refused = await write({}, { browser });
  assert.equal(refused.status, 429);
  assert.match(textOf(refused.text), /Too many messages/);
});

attack('Q431', 'a flood from many addresses', async () => {
  const flooded = await apart(2000);
  const statuses: number[] = [];
  const mails = await mailsBy(async () => {
    for (let visitors = 0; visitors < 53; visitors += 1) statuses.push((await send({}, { browser: new Browser(flooded), ms: 4000 })).status);
  }, flooded);
  assert.deepEqual(statuses, [...Array.from({ length: 50 }, () => 200), 429, 429, 429]);
  assert.equal(mails.length, 50);
  const answer = await send({}, { browser: new Browser(flooded), ms: 4000 });
  const wait = Number(answer.headers['retry-after']);
  assert.ok(wait > 0 && wait <= 3600, String(wait));
  assertOneMail(await mailsBy(() => send({}, { browser: new Browser(flooded), ms: wait * 1000 }), flooded));
});

attack('Q431', 'a body that is too large, no form, or sent by another site', async () => {
  assertOneMail(await mailsBy(() => write()));
  const browser = new Browser(app);
  const mails = await mailsBy(async () => {
    const large = await post(browser, { ...honest, ticket: 'x', message: 'x'.repeat(200_000) });
    assert.equal(large.status, 413);
    for (const message of ['', 'x'.repeat(5001)]) assert.equal((await send({ message })).status, 422);
    for (const name of ['', 'x'.repeat(101)]) assert.equal((await send({ name })).status, 422);
    const hidden = await openForm(browser);
    app.clock.advance(10_000);
    const foreign = await post(browser, { ...hidden, ...honest }, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' });
    assert.equal(foreign.status, 403);
    assert.equal((await browser.post('/contact', 'name=x', { headers: { 'content-type': 'text/plain' } })).status, 415);
  });
  assert.deepEqual(mails, []);
});

attack('Q431', 'markup in what comes back to the form', async () => {
  const shape = shapeOf((await write({ email: 'x' })).text);
  for (const payload of payloads.slice(0, 20)) {
    const { text } = await write({ name: payload.slice(0, 100), email: 'x', message: payload });
    assert.equal(shapeOf(text).replaceAll(' value', ''), shape.replaceAll(' value', ''), payload);
  }
});
