import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidatesIn } from '../../src/foreign/locate.ts';
import { Sources } from '../../src/foreign/source.ts';
import { styleOf } from '../../src/foreign/style.ts';
import { commentOut } from '../../src/patch/comment-out.ts';
import { addEnv } from '../../src/patch/env-example.ts';
import { type Outcome, besideMark, onlyInserts } from '../../src/patch/outcome.ts';
import { addDependencies } from '../../src/patch/package-json.ts';
import { addSections } from '../../src/patch/security-md.ts';
import { wireApp } from '../../src/patch/wire.ts';

const { assert: assertProperty } = fc;
const sources = new Sources();

/** Wires the one app of a text. */
const wire = (text: string, { target = 'express', wantsLast = false }: { target?: 'express' | 'fastify'; wantsLast?: boolean } = {}): Outcome => {
  const source = sources.parseValid('src/app.ts', text);
  const [candidate, ...others] = candidatesIn(source, 'src/app.ts', target);
  if (candidate === undefined || others.length > 0) throw new Error(`There are ${others.length + (candidate === undefined ? 0 : 1)} apps.`);
  return wireApp(source, { candidate, specifier: './secure-app/index.js', wantsLast, style: styleOf(text) });
};

/** The lines that were put in, without the lines of the text. */
const inserted = (before: string, { kind, ...outcome }: Outcome): readonly string[] => {
  if (kind === 'cannot' || !('text' in outcome)) throw new Error(kind);
  expect(onlyInserts(before, outcome.text)).toBe(true);
  const lines = before.split('\n');
  return outcome.text.split('\n').filter((line) => {
    const index = lines.indexOf(line);
    if (index < 0) return true;
    lines.splice(index, 1);
    return false;
  });
};

describe('an app is wired', () => {
  const esm = "import express from 'express';\n";

  test.each([
    ['at the top of a module', `${esm}const app = express();\napp.get('/', h);\n`, ["import { secureApp } from './secure-app/index.js';", 'secureApp(app);']],
    ['with a comment on the line', `${esm}const app = express(); // the app /* one */\n`, ["import { secureApp } from './secure-app/index.js';", 'secureApp(app);']],
    ['with a comment of two lines behind', `${esm}const app = express(); /* a\nb */\napp.get('/', h);\n`, ["import { secureApp } from './secure-app/index.js';", 'secureApp(app);']],
    ['under another name', "import { Router, default as make } from 'express';\nexport const api = make();\n", ["import { secureApp } from './secure-app/index.js';", 'secureApp(api);']],
    ['by import =', "import express = require('express');\nconst app = express();\n", ["import { secureApp } from './secure-app/index.js';", 'secureApp(app);']],
    ['by a namespace', "import * as express from 'express';\nconst app = express.default();\n", ["import { secureApp } from './secure-app/index.js';", 'secureApp(app);']],
    ['in an arrow function with tabs and no semicolons', "import express from 'express'\nexport const make = () => {\n\tconst app = express()\n\treturn app\n}\n", ["import { secureApp } from './secure-app/index.js'", '\tsecureApp(app)']],
    ['where the next line would go on', "import express from 'express'\nconst app = express()\n;[1].map(String)\n", ["import { secureApp } from './secure-app/index.js'", 'secureApp(app)']],
    ['in a class', `${esm}class A {\n  app;\n  constructor() {\n    this.app = express();\n  }\n}\n`, ["import { secureApp } from './secure-app/index.js';", '    secureApp(this.app);']],
    ['as a property of a class', `${esm}class A extends B {\n  app = express();\n  constructor() {\n    super();\n    this.app.get('/', h);\n  }\n}\n`, ["import { secureApp } from './secure-app/index.js';", '    secureApp(this.app);']],
  ])('%s', (_name, text, lines) => {
    const outcome = wire(text);
    expect(outcome.kind).toBe('applied');
    expect(inserted(text, outcome)).toEqual(lines);
    expect('text' in outcome ? wire(outcome.text).kind : '').toBe('already');
  });

  test('behind a byte order mark, which stays', () => {
    const outcome = besideMark(`\uFEFF${esm}const app = express();\n`, (plain) => wire(plain));
    expect('text' in outcome ? outcome.text : '').toBe(`\uFEFF${esm}import { secureApp } from './secure-app/index.js';\n\nconst app = express();\nsecureApp(app);\n`.replace('\n\n', '\n'));
  });

  test('on one line: what follows stays behind it', () => {
    const outcome = wire(`${esm}const app = express(); app.get('/', h);\n`);
    expect('text' in outcome ? outcome.text : '').toContain("const app = express(); secureApp(app); app.get('/', h);");
  });

  test('and its errors are behind the last route, before it listens', () => {
    const text = `${esm}const app = express();\napp.get('/', h);\nroutes(app);\n\napp.listen(1);\n`;
    const outcome = wire(text, { wantsLast: true });
    expect('text' in outcome ? outcome.text : '').toContain('routes(app);\nsecureErrors(app);\n\napp.listen(1);');
  });

  test('what was called by an earlier run is not called again; what is missing comes', () => {
    const first = wire(`${esm}const app = express();\napp.get('/', h);\n`);
    const text = 'text' in first ? first.text : '';
    const second = wire(text, { wantsLast: true });
    expect(inserted(text, second)).toEqual(["import { secureErrors } from './secure-app/index.js';", 'secureErrors(app);']);
  });

  test.each([
    ['returned at once', `${esm}export const make = () => express();\n`],
    ['used in the same statement', `${esm}const app = express().use(other);\n`],
    ['declared with others', `${esm}const app = express(), other = 1;\n`],
    ['in a class without a constructor', `${esm}class A {\n  app = express();\n}\n`],
    ['where the name is taken', `${esm}const secureApp = 1;\nconst app = express();\n`],
  ])('cannot be: %s', (_name, text) => {
    const outcome = wire(text);
    expect(outcome.kind).toBe('cannot');
    expect(outcome.kind === 'cannot' && outcome.paste.length === 2 && outcome.why.length > 10).toBe(true);
  });

  test.each([
    ['in a callback', `${esm}const app = express();\nready.then(() => {\n  app.get('/', h);\n});\n`],
    ['in a function', `${esm}const app = express();\nfunction routes() {\n  app.get('/', h);\n}\nroutes();\n`],
    ['in a method that others call', `${esm}class A {\n  app;\n  constructor() {\n    this.app = express();\n  }\n  routes() {\n    this.app.get('/', h);\n  }\n}\n`],
  ])('the end of its routes cannot be told: %s', (_name, text) => {
    expect(wire(text, { wantsLast: true }).kind).toBe('cannot');
  });

  test('whatever stands around it: the result parses, and nothing is lost', () => {
    const space = fc.constantFrom('', ' ', '\n', '\n\n', '  \n', '\t', ' /* c */ ', '\n/* a\n b */\n', ' // end\n', '\n// line\n');
    const end = fc.constantFrom(';', '\n', ' ;', '; ');
    const made = fc.constantFrom('const app = express()', 'export const app = express()', 'let app: Express\napp = express()', 'const app: Express = express()', 'const app = (express() as Express)');
    const route = fc.constantFrom("app.get('/', (_q, s) => s.end())", 'app.use(express.json())', "app.post('/x', handler)", 'if (process.env.X) app.use(extra)', 'for (const each of list) app.use(each)', 'app.listen(3000)', 'const other = `${app}\n`');
    const eol = fc.constantFrom('\n', '\r\n');
    assertProperty(
      fc.property(space, made, end, fc.array(fc.tuple(space, route, end), { maxLength: 5 }), eol, fc.boolean(), fc.boolean(), (lead, make, stop, routes, lineEnd, wantsLast, isInside) => {
        const head = `import express, { type Express } from 'express'${stop === '\n' ? '\n' : ';\n'}`;
        const body = `${lead}${isInside ? make.replace('export ', '') : make}${stop}${routes.map(([before, text, after]) => `${before}${text}${after === '\n' ? '\n' : `${after}\n`}`).join('')}`;
        const text = (isInside ? `${head}export function build() {${body}\n}` : `${head}${body}`).replaceAll('\n', lineEnd);
        const outcome = wire(text, { wantsLast });
        if (outcome.kind === 'cannot') return outcome.paste.length > 0;
        sources.parseValid('src/app.ts', outcome.text);
        return outcome.kind === 'applied' && onlyInserts(text, outcome.text) && wire(outcome.text, { wantsLast }).kind === 'already' && (lineEnd === '\n' || !/(?<!\r)\n/.test(outcome.text));
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('what is replaced is commented out', () => {
  const out = (text: string): Outcome => commentOut(sources.parseValid('src/app.ts', text), 'helmet');

  test('its registration, over as many lines as it has, and its import', () => {
    const text = "import helmet from 'helmet';\nconst app = express();\n\tapp.use(\n\t\thelmet({ a: 1 }),\n\t); // headers\napp.use(cors());\n";
    const outcome = out(text);
    expect('text' in outcome ? outcome.text : '').toBe("// import helmet from 'helmet';\nconst app = express();\n\t// app.use(\n\t\t// helmet({ a: 1 }),\n\t// ); // headers\napp.use(cors());\n");
    expect(out('text' in outcome ? outcome.text : '').kind).toBe('already');
  });

  test.each([
    ['kept for later', "import helmet from 'helmet';\nconst secure = helmet();\napp.use(secure);\n"],
    ['with another one', "import helmet from 'helmet';\napp.use(helmet(), cors());\n"],
    ['on a line with others', "import helmet from 'helmet';\napp.use(helmet()); app.use(cors());\n"],
    ['in a chain', "import helmet from 'helmet';\napp.use(helmet()).use(cors());\n"],
    ['by require', "import helmet = require('helmet');\napp.use(helmet());\n"],
    ['under a condition', "import helmet from 'helmet';\nif (x) app.use(helmet());\n"],
  ])('not where it is %s', (_name, text) => {
    expect(out(text).kind).toBe('cannot');
  });
});

describe('package.json', () => {
  const versions = new Map([['ipaddr.js', '2.5.0']]);

  test.each([
    ['sorted in', '{\n  "dependencies": {\n    "express": "^5.0.0",\n    "zod": "^4.0.0"\n  }\n}\n', '"express": "^5.0.0",\n    "ipaddr.js": "2.5.0",\n    "zod"'],
    ['first', '{\n\t"dependencies": {\n\t\t"zod": "^4.0.0"\n\t}\n}\n', '{\n\t\t"ipaddr.js": "2.5.0",\n\t\t"zod"'],
    ['last, on one line', '{ "name": "a", "dependencies": { "express": "^5.0.0" } }', '{ "express": "^5.0.0", "ipaddr.js": "2.5.0" }'],
    ['into an empty object', '{\n  "dependencies": {}\n}\n', '"dependencies": {\n    "ipaddr.js": "2.5.0"\n  }'],
    ['where there was none', '{\n  "name": "a"\n}\n', '"name": "a",\n  "dependencies": {\n    "ipaddr.js": "2.5.0"\n  }\n}'],
    ['with CRLF', '{\r\n  "dependencies": {\r\n    "express": "^5.0.0"\r\n  }\r\n}\r\n', '"express": "^5.0.0",\r\n    "ipaddr.js": "2.5.0"\r\n  }'],
  ])('takes a dependency: %s', (_name, text, part) => {
    const outcome = addDependencies(text, 'dependencies', versions);
    expect(outcome.kind).toBe('applied');
    const result = 'text' in outcome ? outcome.text : '';
    expect(result).toContain(part);
    expect(onlyInserts(text, result)).toBe(true);
    expect(JSON.parse(result)).toMatchObject({ dependencies: { 'ipaddr.js': '2.5.0' } });
    expect(addDependencies(result, 'dependencies', versions).kind).toBe('already');
  });

  test('whatever it holds, the result is JSON that holds the same and more', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    assertProperty(
      fc.property(fc.dictionary(name, fc.constantFrom('^1.0.0', '2.x')), fc.dictionary(name, fc.constantFrom('1.2.3')), fc.constantFrom('\t', 2, 4, 0), (had, wanted, indent) => {
        const text = JSON.stringify({ name: 'x', dependencies: had, scripts: { test: 'x' } }, null, indent);
        const outcome = addDependencies(text, 'dependencies', new Map(Object.entries(wanted)));
        if (outcome.kind === 'cannot') return false;
        const { dependencies, scripts }: { dependencies: Record<string, string>; scripts: unknown } = JSON.parse(outcome.text);
        const missing = Object.keys(wanted).filter((each) => !Object.hasOwn(had, each));
        return onlyInserts(text, outcome.text) && Object.keys(had).every((each) => dependencies[each] === had[each]) && missing.every((each) => dependencies[each] === wanted[each]) && JSON.stringify(scripts) === '{"test":"x"}';
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('.env.example and SECURITY.md', () => {
  const entries = [{ name: 'BASE_URL', text: '# The origin.\nBASE_URL=http://a\n' }, { name: 'CORS_ORIGINS', text: '# Origins.\nCORS_ORIGINS=\n' }];

  test('take what they lack', () => {
    const outcome = addEnv('# mine\nBASE_URL=http://b', entries);
    expect('text' in outcome ? outcome.text : '').toBe('# mine\nBASE_URL=http://b\n\n# Origins.\nCORS_ORIGINS=\n');
    expect(addEnv('text' in outcome ? outcome.text : '', entries).kind).toBe('already');
    expect(addEnv('export BASE_URL=1\r\n# CORS_ORIGINS=\r\n', entries).kind).toBe('already');
  });

  test('keep their line ends', () => {
    const outcome = addEnv('A=1\r\n', entries);
    expect(/(?<!\r)\n/.test('text' in outcome ? outcome.text : '')).toBe(false);
    const page = addSections('# Security\r\n\r\nMail us.\r\n', { heading: '## Protections', body: 'x' }, [{ heading: '### A', body: 'a\nb' }]);
    const text = 'text' in page ? page.text : '';
    expect(text.startsWith('# Security\r\n\r\nMail us.\r\n')).toBe(true);
    expect(/(?<!\r)\n/.test(text)).toBe(false);
    expect(addSections(text, { heading: '## Protections', body: 'y' }, [{ heading: '### A', body: 'other' }]).kind).toBe('already');
  });
});
