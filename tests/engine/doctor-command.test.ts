import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { doctor, repoWith } from './doctor-repo.ts';

const quiet = "import helmet from 'helmet';\napp.use(helmet());\napp.use((err: Error, _req: unknown, res: { end(): void }, _next: unknown) => { void err; res.end(); });";
const open = `${quiet}\napp.get('/go', (req, res) => { res.redirect(req.query.next); });`;

describe('exit codes', () => {
  test.each<[string, string, readonly string[], number]>([
    ['nothing found', quiet, [], 0],
    ['something medium found', open, [], 4],
    ['nothing as bad as asked for', open, ['--severity', 'high'], 0],
    ['something low, which is not told by default', `${open}\napp.post('/login', (_req, res) => { res.end(); });`, ['--severity=low'], 4],
  ])('%s', async (_, code, flags, exitCode) => {
    expect((await doctor(await repoWith(code), ...flags)).exitCode).toBe(exitCode);
  });

  test.each([
    ['an argument', ['src']],
    ['two documents', ['--json', '--sarif']],
    ['a severity that there is not', ['--severity', 'terrible']],
    ['a flag of another verb', ['--dry-run']],
    ['an address that is none', ['--url', 'localhost:3000']],
    ['a path', ['--url', 'http://127.0.0.1:3000/admin']],
    ['a password', ['--url', 'http://a:b@127.0.0.1:3000']],
  ])('%s is bad usage', async (_, flags) => {
    await expect(doctor(await repoWith(quiet), ...flags)).rejects.toBeInstanceOf(UsageError);
  });

  test.each(['http://example.com', 'http://192.168.0.1:3000', 'http://127.0.0.1.nip.io', 'http://0.0.0.0:3000', 'http://[::2]', 'http://[::ffff:10.0.0.1]:80', 'http://169.254.169.254', 'http://localhost.example.com'])('%s is not asked', async (url) => {
    await expect(doctor(await repoWith(quiet), '--url', url)).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/only a server on this machine/) });
  });
});

test('what is told to people: the worst first, with place, ids and cure', async () => {
  const { out } = await doctor(await repoWith(`${open}\neval(Math.random());\napp.get('/x', (req, res) => { res.json(eval(req.query.x)); });`));
  // What is not told by the source grows with the catalogue.
  expect(out.replace(/^ {2}Not told by the source: .*\n/m, '')).toMatchInlineSnapshot(`
    "fixture: express 5

    critical: Text of a client is run as code
      src/app.ts:8:40
      \`req.query.x\`, as the client sent it, is run
      Q419 Unsafe deserialisation and prototype pollution; ASVS V1.3.2; CWE-95, CWE-94
      Never run text as code; parse it as data (JSON.parse behind a schema), or look names up in a Map.

    medium: A redirect leads wherever the client says
      src/app.ts:6:45
      \`redirect\` is given \`req.query.next\` as the client sent it
      Q441 Open redirects; ASVS V1.2.2, V3.7.2, V3.7.3; CWE-601
      create-secure-app add redirects; or by hand: Redirect only to paths of your own: pass what came from the client through safeRedirect, or choose from a list.

    Protections
      Weak: redirects, validation
      There: errors (error handler), headers (helmet)

    2 found of severity medium or worse.
    "
  `);
});

test('text of the repo does not steer the terminal', async () => {
  const { out } = await doctor(await repoWith(quiet, { 'package.json': JSON.stringify({ name: '\u001b[2J\u202eevil', dependencies: { express: '^5.0.0' } }), 'src/a\u001b[31m.ts': 'const x = {' }));
  expect(out).not.toMatch(/[\u001b\u202e]/);
});

test('as JSON', async () => {
  const document: unknown = JSON.parse((await doctor(await repoWith(`${open}\napp.post('/login', (_req, res) => { res.end(); });`), '--json')).out);
  expect(document).toMatchObject({ ok: false, command: 'doctor', severity: 'medium', name: 'fixture', target: 'express', major: 5, below: 1, probed: null, findings: [{ check: 'open-redirect', kind: 'weak', severity: 'medium', file: 'src/app.ts', line: 6, item: 'Q441', fix: 'create-secure-app add redirects' }] });
});

/** What SARIF 2.1.0 (OASIS, 3.13 and following) and code scanning of GitHub require of what is written here. */
const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 }, markdown: { type: 'string' } }, additionalProperties: false };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const location = {
  type: 'object',
  required: ['physicalLocation'],
  additionalProperties: false,
  properties: {
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation'],
      additionalProperties: false,
      properties: {
        // A relative reference (RFC 3986): no scheme, nothing that has to be encoded.
        artifactLocation: { type: 'object', required: ['uri', 'uriBaseId'], additionalProperties: false, properties: { uri: { type: 'string', pattern: "^(?!/)[A-Za-z0-9\\-._~!$&'()*+,;=@%/]+$" }, uriBaseId: { const: '%SRCROOT%' } } },
        region: { type: 'object', required: ['startLine'], additionalProperties: false, properties: Object.fromEntries(['startLine', 'startColumn', 'endLine', 'endColumn'].map((name) => [name, { type: 'integer', minimum: 1 }])) },
      },
    },
  },
};
const rule = {
  type: 'object',
  required: ['id', 'shortDescription', 'fullDescription', 'help'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', minLength: 1 },
    name: { type: 'string', maxLength: 255, pattern: '^[A-Za-z0-9]+$' },
    shortDescription: text,
    fullDescription: text,
    help: text,
    defaultConfiguration: { type: 'object', additionalProperties: false, properties: { level } },
    properties: { type: 'object', properties: { tags: { type: 'array', maxItems: 20, uniqueItems: true, contains: { const: 'security' }, items: { type: 'string' } }, precision: { enum: ['very-high', 'high', 'medium', 'low'] }, 'security-severity': { type: 'string', pattern: '^(?:10\\.0|[0-9]\\.[0-9])$' } } },
  },
};
const result = {
  type: 'object',
  required: ['ruleId', 'message', 'locations', 'partialFingerprints'],
  additionalProperties: false,
  properties: { ruleId: { type: 'string' }, ruleIndex: { type: 'integer', minimum: 0 }, level, message: text, locations: { type: 'array', minItems: 1, maxItems: 1, items: location }, partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } }, properties: { type: 'object' } },
};
const schema = {
  type: 'object',
  required: ['version', 'runs', '$schema'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'results'],
        additionalProperties: false,
        properties: {
          tool: { type: 'object', required: ['driver'], additionalProperties: false, properties: { driver: { type: 'object', required: ['name', 'rules'], additionalProperties: false, properties: { name: { type: 'string' }, version: { type: 'string' }, semanticVersion: { type: 'string' }, rules: { type: 'array', items: rule } } } } },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          invocations: { type: 'array', items: { type: 'object', required: ['executionSuccessful'], additionalProperties: false, properties: { executionSuccessful: { type: 'boolean' }, toolExecutionNotifications: { type: 'array', items: { type: 'object', required: ['message'], additionalProperties: false, properties: { level, message: text, locations: { type: 'array', items: location } } } } } } },
          results: { type: 'array', items: result },
        },
      },
    },
  },
};

interface Sarif {
  readonly runs: readonly [{ readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }; readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number; readonly partialFingerprints: Readonly<Record<string, string>> }[] }];
}

describe('SARIF', () => {
  const isSarif = new Ajv({ strict: false, allErrors: true }).compile<Sarif>(schema);
  const sarifOf = async (code: string, files: Readonly<Record<string, string>> = {}, ...flags: readonly string[]): Promise<Sarif> => {
    const document: unknown = JSON.parse((await doctor(await repoWith(code, files), '--sarif', ...flags)).out);
    if (!isSarif(document)) throw new Error(JSON.stringify(isSarif.errors));
    return document;
  };

  test('of several findings, odd names and files that were left out', async () => {
    const { runs: [run] } = await sarifOf(`${open}\napp.get('/to', (req, res) => { res.redirect(req.query.next); });`, { 'src/two words é#%.ts': "import { Request, Response } from 'express';\nexport const go = (req: Request, res: Response) => { res.redirect(req.query.next); };", 'src/broken.ts': 'const x = {' }, '--severity', 'low');
    expect(run.results.length).toBe(3);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(new Set(run.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(3);
  });

  test('of nothing', async () => {
    expect((await sarifOf(quiet)).runs[0].results).toEqual([]);
  });

  test('a finding is the same when lines move', async () => {
    const [before, after] = await Promise.all([sarifOf(open), sarifOf(`\n\n\n${open}`)]);
    expect(after.runs[0].results[0]?.partialFingerprints).toEqual(before.runs[0].results[0]?.partialFingerprints);
  });
});
