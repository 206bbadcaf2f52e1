import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bucketStore, readBucketUrl } from '#src/services/storage/bucket.ts';
import { folderStore } from '#src/services/storage/folder.ts';
import { newKey } from '#src/services/storage/key.ts';
import type { ByteRange, FileStore } from '#src/services/storage/storage.ts';
import { FakeBucket } from '#tests/support/storage/fake-bucket.ts';

const scratch = await mkdtemp(join(tmpdir(), 'storage-'));
after(() => rm(scratch, { recursive: true, force: true }));

const bucket = new FakeBucket();
const url = await bucket.start();
const inBucket = bucketStore(url, { timeoutMs: 5000 });
after(() => inBucket.close());

const stores: readonly (readonly [string, FileStore])[] = [['folder', folderStore(scratch)], ['bucket', inBucket]];

const local = async (bytes: string | Uint8Array): Promise<string> => {
  const file = join(scratch, 'local');
  await writeFile(file, bytes);
  return file;
};

const contentOf = async (store: FileStore, ...given: readonly [key: ReturnType<typeof newKey>, range?: ByteRange]): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(...given)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};

for (const [name, store] of stores) {
  test(`${name}: a file is taken over, read in whole and in part, and deleted`, async () => {
    const key = newKey({ id: 'somebody' });
    const file = await local('0123456789');
    await store.adopt(key, file);
    await assert.rejects(stat(file));
    assert.equal(await contentOf(store, key), '0123456789');
    assert.equal(await contentOf(store, key, { first: 2, last: 4 }), '234');
    await store.remove(key);
    await store.remove(key);
    await assert.rejects(contentOf(store, key));
    await store.ready();
  });

  test(`${name}: what is there stays`, async () => {
    const key = newKey({ id: 'somebody' });
    await store.adopt(key, await local('first'));
    await assert.rejects(store.adopt(key, await local('second')));
    assert.equal(await contentOf(store, key), 'first');
    assert.equal(await readFile(join(scratch, 'local'), 'utf8'), 'second');
  });

  test(`${name}: a large file, piece by piece`, async () => {
    const key = newKey({ id: 'somebody' });
    await store.adopt(key, await local(Buffer.alloc(5_000_000, 'x')));
    let size = 0;
    for await (const piece of store.read(key)) size += piece.length;
    assert.equal(size, 5_000_000);
  });
}

test('bucket: a wrong secret is refused, and what the bucket says of it stays inside', async () => {
  const wrong = bucketStore(url.replace('wJal', 'xJal'), { timeoutMs: 5000 });
  await assert.rejects(wrong.ready(), /answered 403/);
  await wrong.close();
  bucket.failing = 500;
  await assert.rejects(contentOf(inBucket, newKey({ id: 'x' })), (error: Error) => /answered 500/.test(error.message) && !/canary/.test(error.message));
  bucket.failing = undefined;
});

test('bucket: an address without key, secret or bucket names what is missing', () => {
  assert.equal(readBucketUrl(url).region, 'eu-central-1');
  assert.equal(readBucketUrl('s3://a:b@s3.example/files').base, 'https://s3.example/files/');
  for (const bad of ['s3://s3.example/files', 's3://a@s3.example/files', 's3://a:b@s3.example', 's3://a:b@s3.example/a/b', 's3://a:b@s3.example/..']) {
    assert.throws(() => readBucketUrl(bad), (error: Error) => /STORAGE_URL must hold/.test(error.message) && !error.message.includes(bad));
  }
});
