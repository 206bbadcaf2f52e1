import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { attack } from '#tests/support/attack.ts';
import { Running, projectCopy } from '#tests/support/file-permissions/project.ts';
import { formOf, formType } from '#tests/support/uploads/form.ts';
import { image, png } from '#tests/support/uploads/payloads.ts';

/** Sends an image to a server of this machine, as its developer would. */
const uploadTo = (port: number, bytes: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { host: 'app.test', authorization: 'Dev alice', 'content-type': formType };
    const asked = httpRequest({ host: '127.0.0.1', port, method: 'POST', path: '/api/v1/files', agent: false, headers }, (answer) => {
      resolve(answer.resume().statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end(formOf({ name: 'a.png', type: 'image/png', bytes }));
  });

attack('Q478', 'images for an app that can start no process: read by one beside it, and a bomb is refused there', async () => {
  const copy = projectCopy();
  const env = { NODE_ENV: 'development', PORT: '0', LOG_LEVEL: 'info', BASE_URL: 'http://app.test', DEV_IDENTITY: 'true' };
  const server = new Running(copy, ['--disable-proto=delete', 'src/start-sandboxed.ts'], env);
  const port = Number(await server.wrote(/"port":(\d+)/));
  assert.equal(await uploadTo(port, await image('png')), 201);
  assert.equal(await uploadTo(port, png(20_000, 20_000)), 422);
  assert.equal(await uploadTo(port, await image('png')), 201);
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).code, 0);
});
