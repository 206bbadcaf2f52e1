import assert from 'node:assert/strict';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { loadConfig, processFacts } from '#src/config.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { bootCheck } from '#src/protections/uploads/boot-check.ts';
import { decoderOf } from '#src/protections/uploads/images/decoder.ts';
import { attack, benign } from '#tests/support/attack.ts';
import { type Received, send } from '#tests/support/http.ts';
import { startWithStorage } from '#tests/support/uploads/app.ts';
import { begin, until } from '#tests/support/uploads/begin.ts';
import { filesOnDisk, rowsOf, storedBytes } from '#tests/support/uploads/disk.ts';
import { type Part, formOf, formType, framesOf, somebody, upload } from '#tests/support/uploads/form.ts';
import { type ZipEntry, docx, image, objectStream, pdf, plainPdf, png, streamObject, types, zip } from '#tests/support/uploads/payloads.ts';

const maxBytes = 2_097_152;
const app = await startWithStorage({ UPLOAD_TYPES: Object.values(types).join(','), UPLOAD_MAX_BYTES: String(maxBytes), UPLOAD_MAX_PIXELS: '1000000' });

const part = (extension: keyof typeof types, bytes: Uint8Array | string, name = `a.${extension}`): Part => ({ name, type: types[extension], bytes });

/** Sends a file as somebody new. */
const sent = (file: Part): Promise<Received> => upload(app, somebody(), file);

/** What is stored of a file that is taken. */
const taken = async (file: Part): Promise<Buffer> => {
  const answer = await sent(file);
  assert.equal(answer.status, 201, answer.text);
  return storedBytes(app, String(answer.json()['id']));
};

/** Sends a file that must be refused with one of `statuses`, and looks that nothing is left of it. */
const refused = async (file: Part, statuses: readonly number[] = [422], what = ''): Promise<Received> => {
  const [before, headers] = [await filesOnDisk(app), somebody()];
  const answer = await upload(app, headers, file);
  assert.ok(statuses.includes(answer.status), `${what} ${answer.status} ${answer.text}`);
  assert.deepEqual(await filesOnDisk(app), before);
  assert.equal(await rowsOf(app, headers['x-test-actor'] ?? ''), 0);
  return answer;
};

benign('files that are what they say are taken: images, documents, archives', async () => {
  const files = [part('png', await image('png')), part('jpg', await image('jpeg'), 'PHOTO.JPEG'), part('webp', await image('webp'))];
  for (const file of files) {
    const { format, width } = await sharp(await taken(file)).metadata();
    assert.equal(`image/${format}`, file.type);
    assert.equal(width, 16);
  }
  const documents = [part('pdf', plainPdf(objectStream('<< /Title (a) >>'))), part('docx', docx()), part('zip', zip({ name: 'folder/a.txt', bytes: 'text' }, { name: 'b', bytes: '', mode: 0o100644 }))];
  for (const file of documents) assert.deepEqual(await taken(file), file.bytes);
});

benign('a film, where films are taken, is stored as it came', async () => {
  const films = await startWithStorage({ UPLOAD_TYPES: 'video/mp4' });
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isomiso2mp41'), Buffer.alloc(100_000, 7)]);
  const answer = await upload(films, somebody(), { name: 'a.mp4', type: 'video/mp4', bytes });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(await storedBytes(films, String(answer.json()['id'])), bytes);
  await films.close();
});

attack('Q478', 'a note of how the camera was held: heeded, then dropped like the rest', async () => {
  const lying = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { width, height, orientation } = await sharp(await taken(part('jpg', lying))).metadata();
  assert.deepEqual([width, height, orientation], [10, 20, undefined]);
});

benign('a file of exactly the largest size', async () => {
  const head = plainPdf();
  assert.equal((await taken(part('pdf', Buffer.concat([head, Buffer.alloc(maxBytes - head.length, ' ')])))).length, maxBytes);
});

attack('Q478', 'active content under the name of an image: not taken, whatever it calls itself', async () => {
  const html = '<!doctype html><script>alert(1)</script>';
  const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  assert.equal((await sent(part('png', await image('png')))).status, 201);
  for (const bytes of [html, svg, 'plain text', '', '<?php system($_GET[0]);', '#!/bin/sh\n', 'MZ\x90\0', '\x7fELF', '%!PS-Adobe', gzipSync('x'), await image('gif')]) {
    await refused(part('png', bytes), [415]);
  }
  await refused({ name: 'a.svg', type: 'image/svg+xml', bytes: svg }, [415]);
  await refused({ name: 'a.html', type: 'text/html', bytes: html }, [415]);
});

attack('Q478', 'bytes, extension and declared type that do not agree', async () => {
  const bytes = await image('png');
  assert.equal((await sent({ name: 'a.png', type: 'image/png', bytes })).status, 201);
  for (const name of ['a.pdf', 'a.jpg', 'a.png.html', 'a', 'png', '.png', 'a.png ', 'a.png.', 'a.php.']) {
    if (name !== 'a.png ') await refused({ name, type: 'image/png', bytes }, [422], name);
  }
  for (const type of ['image/jpeg', 'text/html', 'application/octet-stream', 'image/svg+xml']) await refused({ name: 'a.png', type, bytes }, [422], type);
  await refused(part('pdf', bytes), [422]);
  await refused(part('docx', zip({ name: 'a', bytes: 'a' })), [415, 422]);
});

attack('Q478', 'an archive where only office documents are taken', async () => {
  const strict = await startWithStorage({ UPLOAD_TYPES: types.docx });
  assert.equal((await upload(strict, somebody(), part('docx', docx()))).status, 201);
  assert.equal((await upload(strict, somebody(), part('zip', zip({ name: 'a', bytes: 'a' })))).status, 415);
  assert.equal((await upload(strict, somebody(), part('png', await image('png')))).status, 415);
  await strict.close();
});

attack('Q478', 'a type that nothing can look into, in the configuration: the app does not start', () => {
  const problemsOf = (UPLOAD_TYPES: readonly string[]) => bootCheck(processFacts({ ...loadConfig({}), UPLOAD_TYPES }));
  assert.deepEqual(problemsOf(Object.values(types)), []);
  for (const type of ['image/svg+xml', 'text/html', 'image/*', 'application/x-msdownload']) assert.equal(problemsOf(['image/png', type]).length, 1, type);
});

attack('Q478', 'images that are pages and scripts too: what is stored has pixels and nothing else', async () => {
  const script = '<script>alert("canary")</script>';
  const jpeg = await image('jpeg');
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, script.length + 2]), Buffer.from(script)]);
  const polyglots = [
    part('png', Buffer.concat([png(9, 9, [['tEXt', Buffer.from(`Comment\0${script}`)]]), Buffer.from(`<html>${script}`)])),
    part('png', Buffer.concat([png(9, 9), zip({ name: 'canary', bytes: script })])),
    part('jpg', Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2), Buffer.from(script)])),
  ];
  for (const file of polyglots) {
    assert.ok(Buffer.from(file.bytes).includes('canary'));
    const stored = await taken(file);
    assert.ok(!stored.includes('canary') && !stored.includes('<script'));
  }
});

attack('Q478', 'where and by whom a photo was taken: gone', async () => {
  for (const [format, extension] of [['jpeg', 'jpg'], ['png', 'png'], ['webp', 'webp']] as const) {
    const photo = await image(format);
    assert.ok(photo.includes('canary-exif'));
    const stored = await taken(part(extension, photo));
    assert.ok(!stored.includes('canary-exif'));
    const { exif, icc, xmp, iptc } = await sharp(stored).metadata();
    assert.deepEqual([exif, icc, xmp, iptc], [undefined, undefined, undefined, undefined], format);
  }
});

attack('Q478', 'an image of 400 million pixels in some kilobytes: 422, in bounded memory', async () => {
  const bomb = png(20_000, 20_000);
  assert.ok(bomb.length < 100_000);
  const before = process.memoryUsage.rss();
  await refused(part('png', bomb));
  assert.ok(process.memoryUsage.rss() - before < 64_000_000);
  await refused(part('png', png(1001, 1000)));
  assert.equal((await sent(part('png', png(1000, 1000)))).status, 201);
});

attack('Q478', 'images that are cut off, or broken inside: 422', async () => {
  const [jpeg, whole] = [await image('jpeg', 256), await image('png', 256)];
  assert.equal((await sent(part('jpg', jpeg))).status, 201);
  for (const share of [0.3, 0.6, 0.9]) {
    await refused(part('jpg', jpeg.subarray(0, jpeg.length * share)), [415, 422], `jpeg ${share}`);
    await refused(part('png', whole.subarray(0, whole.length * share)), [415, 422], `png ${share}`);
  }
  await refused(part('png', Buffer.concat([whole.subarray(0, 33), Buffer.alloc(2000, 1)])), [415, 422]);
});

attack('Q478', 'more images at once than anybody waits for: 503, and the others are made', async () => {
  const bytes = await image('png');
  const decoder = decoderOf(app.context);
  const all = Array.from({ length: 25 }, () => decoder.remake({ load: async () => bytes, format: 'png', maxPixels: 1000 }));
  const outcomes = await Promise.allSettled(all);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 20);
  assert.ok(outcomes.every((outcome) => outcome.status === 'fulfilled' || (outcome.reason instanceof Problem && outcome.reason.status === 503)));
});

attack('Q478', 'an image that ends the decoder: 422, and the next one is read by another', async () => {
  const decoder = decoderOf(app.context);
  const given = { format: 'png', maxPixels: 1000 } as const;
  const bytes = await image('png');
  const ending = decoder.remake({
    ...given,
    load: async () => {
      setImmediate(() => decoder.end());
      return bytes;
    },
  });
  await ending.catch((error: unknown) => assert.ok(error instanceof Problem && error.status === 422));
  assert.ok((await decoder.remake({ ...given, load: async () => bytes })).length > 0);
});

attack('Q478', 'PDFs that act: scripts, programs, attachments, in every way to write them', async () => {
  assert.equal((await sent(part('pdf', plainPdf('<< /S /URI /URI (https://example.test/javascript) /JSX /LaunchDate >>')))).status, 201);
  const acts = ['/S /JavaScript /JS (app.alert(1))', '/S /J#61vaScript /JS (x)', '/S/Launch/F(cmd.exe)', '/S /SubmitForm /F (https://evil.test)', '/Names << /EmbeddedFiles 9 0 R >>', '/Type /EmbeddedFile', '/S /Rendition /JS (x)', '/AcroForm << /XFA 9 0 R >>', '/Subtype /RichMedia', '/S /Import#44ata'];
  for (const act of acts) {
    await refused(part('pdf', plainPdf(`<< ${act} >>`)), [422], act);
    await refused(part('pdf', plainPdf(objectStream(`<< ${act} >>`))), [422], `packed ${act}`);
  }
  await refused(part('pdf', Buffer.concat([plainPdf(), Buffer.from('\n9 0 obj << /S /JavaScript >> endobj\n%%EOF')])), [422], 'appended');
});

attack('Q478', 'PDFs that cannot be looked into: encrypted, or with objects packed so that a search sees nothing', async () => {
  const act = '<< /S /JavaScript /JS (x) >>';
  assert.equal((await sent(part('pdf', plainPdf(objectStream('<< /A /B >>'))))).status, 201);
  await refused(part('pdf', plainPdf('<< /Encrypt 9 0 R >>')), [422], 'encrypted');
  const hidden = deflateSync(Buffer.from(`7 0 ${act}`).toString('hex'));
  const ways = [
    '/Filter [/FlateDecode /ASCIIHexDecode]',
    '/Filter [/ASCIIHexDecode /FlateDecode]',
    '/Filter /FlateDecode /DecodeParms << /Predictor 12 >>',
    '/Filter /FlateDecode /DP 8 0 R',
    '/Filter /FlateDecode /F (other.pdf)',
    '/Filter 8 0 R',
    '/Filter /LZWDecode',
    '',
  ];
  for (const way of ways) await refused(part('pdf', plainPdf(streamObject(`/Type /ObjStm ${way}`, hidden))), [422], way);
  await refused(part('pdf', plainPdf('/ObjStm', streamObject('/Type 4 0 R /Filter /LZWDecode', Buffer.from('opaque')))), [422], 'named elsewhere');
  const packed = objectStream(act);
  await refused(part('pdf', plainPdf(packed.subarray(0, packed.length - 20))), [422], 'cut off');
  await refused(part('pdf', pdf(objectStream(' '.repeat(70_000_000)))), [422], 'a bomb');
});

attack('Q478', 'archives that unpack to too much, honest about it or not: 422 without unpacking', async () => {
  const limit = 104_857_600;
  assert.equal((await sent(part('docx', docx()))).status, 201);
  const zeros = (bytes: number, more: Partial<ZipEntry> = {}): ZipEntry => ({ name: 'word/zeros', bytes: Buffer.alloc(bytes), ...more });
  const before = process.memoryUsage.rss();
  const bomb = docx(zeros(limit + 1));
  assert.ok(bomb.length < 200_000);
  await refused(part('docx', bomb), [422], 'honest');
  await refused(part('zip', zip(zeros(limit / 4, { declared: 100 }))), [422], 'lying');
  await refused(part('zip', zip(...Array.from({ length: 2001 }, (_, index) => ({ name: `${index}`, bytes: '' })))), [422], 'many');
  for (const inner of [zip({ name: 'a', bytes: 'a' }), gzipSync('a')]) await refused(part('zip', zip({ name: 'inner.txt', bytes: inner })), [422], 'nested');
  assert.ok(process.memoryUsage.rss() - before < 300_000_000);
});

attack('B3', 'entries of archives whose names lead out of the folder they are unpacked to', async () => {
  assert.equal((await sent(part('zip', zip({ name: 'a..b/..c/d', bytes: 'x' })))).status, 201);
  for (const name of ['../../evil', 'a/../../evil', '/etc/passwd', '..\\evil', 'C:\\evil', 'C:evil', 'a\0b', '..', 'a/..']) {
    await refused(part('zip', zip({ name: 'honest', bytes: 'x' }, { name, bytes: 'x' })), [422], name);
  }
});

attack('Q478', 'links, devices and secrets in archives', async () => {
  assert.equal((await sent(part('zip', zip({ name: 'a', bytes: 'x', mode: 0o100600 }, { name: 'b/', bytes: '', mode: 0o040755 })))).status, 201);
  await refused(part('zip', zip({ name: 'link', bytes: '/etc/passwd', mode: 0o120777 })), [422], 'link');
  await refused(part('zip', zip({ name: 'device', bytes: '', mode: 0o020666 })), [422], 'device');
  await refused(part('zip', zip({ name: 'secret', bytes: 'x', flags: 1 })), [422], 'encrypted');
  await refused(part('zip', zip({ name: 'a', bytes: 'x' }).subarray(0, -10)), [415, 422], 'cut off');
  await refused(part('zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5000)])), [415, 422], 'no directory');
});

attack('Q478', 'more parts, other fields, more bytes than there may be: 413 or 422', async () => {
  const file = part('pdf', plainPdf());
  const headers = somebody();
  assert.equal((await upload(app, headers, file)).status, 201);
  const before = await filesOnDisk(app);
  assert.equal((await upload(app, headers, file, file)).status, 413);
  assert.equal((await upload(app, headers, file, { field: 'other', bytes: 'text' })).status, 422);
  assert.equal((await upload(app, headers, { field: 'other', bytes: 'text' }, file)).status, 422);
  const large = Buffer.concat([plainPdf(), Buffer.alloc(maxBytes + 1 - plainPdf().length, ' ')]);
  assert.equal((await upload(app, headers, part('pdf', large))).status, 413);
  assert.deepEqual(await filesOnDisk(app), before);
  assert.equal(await rowsOf(app, headers['x-test-actor'] ?? ''), 1);
});

attack('Q478', 'a length that is too large: 413 before a byte is sent', async () => {
  const { request, status } = begin(app, { ...somebody(), 'content-length': '1073741824' }, { name: 'a.pdf', type: 'application/pdf' });
  assert.equal(await status, 413);
  request.destroy();
});

attack('Q478', 'a body that never comes to its file, or to its end: 413', async () => {
  const file = part('pdf', plainPdf());
  const junk = Buffer.alloc(maxBytes + 70_000, 'x');
  const chunked = { 'content-type': formType, 'transfer-encoding': 'chunked' };
  const withoutLength = (body: Uint8Array, headers: Record<string, string>) => {
    const { request, status } = begin(app, headers, { name: 'a.pdf', type: 'application/pdf' });
    request.end(body);
    return status;
  };
  const [, after] = framesOf(file);
  assert.equal(await withoutLength(Buffer.concat([Buffer.from(file.bytes), Buffer.from(after)]), { ...somebody(), ...chunked }), 201);
  assert.ok([0, 413].includes(await withoutLength(Buffer.concat([Buffer.from(file.bytes), Buffer.from(after), junk]), { ...somebody(), ...chunked })));
  assert.ok([0, 413].includes(await withoutLength(junk, { ...somebody(), 'content-type': 'multipart/form-data; boundary=another', 'transfer-encoding': 'chunked' })));
});

attack('Q478', 'a type that is not taken: refused as soon as its first bytes show it, and the rest is not read', async () => {
  const before = await filesOnDisk(app);
  const { request, status } = begin(app, somebody(), { name: 'a.pdf', type: 'application/pdf' });
  request.write(Buffer.alloc(8192, '<html>'));
  assert.equal(await status, 415);
  request.destroy();
  await until(async () => (await filesOnDisk(app)).length === before.length);
});

attack('Q478', 'a body that comes too slowly, or stops: 408, and nothing is left', async () => {
  const slow = await startWithStorage({ UPLOAD_TIMEOUT_MS: '150' });
  assert.equal((await upload(slow, somebody(), part('pdf', plainPdf()))).status, 201);
  const before = await filesOnDisk(slow);
  const headers = somebody();
  const { request, status } = begin(slow, headers, { name: 'a.pdf', type: 'application/pdf' });
  request.write(plainPdf());
  assert.equal(await status, 408);
  request.destroy();
  assert.deepEqual(await filesOnDisk(slow), before);
  assert.equal(await rowsOf(slow, headers['x-test-actor'] ?? ''), 0);
  await slow.close();
});

attack('Q478', 'bodies that are no form, or end in the middle: 4xx, never 500', async () => {
  const whole = formOf(part('pdf', plainPdf()));
  const post = (type: string, body: Uint8Array | string) => send(app, 'POST', '/api/v1/files', { headers: { ...somebody(), 'content-type': type }, body });
  assert.equal((await post(formType, whole)).status, 201);
  const before = await filesOnDisk(app);
  for (const body of [whole.subarray(0, -20), whole.subarray(0, 150), '', 'no form', `--boundary-of-the-tests\r\n\r\n`]) {
    const { status, text } = await post(formType, body);
    assert.ok(status === 400 || status === 422 || status === 415, `${status} ${text}`);
  }
  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=x; boundary=y', 'multipart/mixed; boundary=boundary-of-the-tests', 'application/octet-stream', 'text/plain', 'application/json']) {
    const { status, text } = await post(type, whole);
    assert.ok(status >= 400 && status < 500, `${type} ${status} ${text}`);
  }
  assert.deepEqual(await filesOnDisk(app), before);
});
