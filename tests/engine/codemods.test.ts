import { describe, expect, test } from 'vitest';
import { renameExports } from '../../src/codemods/rename-exports.ts';

const renames = [{ module: 'src/protections/gate/core.ts', from: 'open', to: 'openGate' }];
const follow = (text: string, path = 'src/routes/mine/module.ts') => renameExports(path, text, renames);
const from = "'#src/protections/gate/core.ts'";

describe('renamed exports in code of the owner', () => {
  test.each<[string, string, string]>([
    ['an import and its uses', `import { open, shut } from ${from};\n\nopen(shut);\n`, `import { openGate, shut } from ${from};\n\nopenGate(shut);\n`],
    ['a relative import', `import { open } from '../../protections/gate/core.ts';\nopen();\n`, `import { openGate } from '../../protections/gate/core.ts';\nopenGate();\n`],
    ['an import without extension', `import { open } from "../../protections/gate/core"\nopen()\n`, `import { openGate } from "../../protections/gate/core"\nopenGate()\n`],
    ['a shorthand', `import { open } from ${from};\nexport const doors = { open };\n`, `import { openGate } from ${from};\nexport const doors = { open: openGate };\n`],
    ['an alias', `import { open as unlock } from ${from};\nunlock();\n`, `import { openGate as unlock } from ${from};\nunlock();\n`],
    ['a name that is taken', `import { open } from ${from};\nconst openGate = 1;\nopen(openGate);\n`, `import { openGate as open } from ${from};\nconst openGate = 1;\nopen(openGate);\n`],
    ['a namespace', `import * as gate from ${from};\ngate.open(gate.shut, { open: 1 });\n`, `import * as gate from ${from};\ngate.openGate(gate.shut, { open: 1 });\n`],
    ['an export of it', `export { open } from ${from};\n`, `export { openGate as open } from ${from};\n`],
    ['a type', `import { type open } from ${from};\nexport type X = open;\n`, `import { type openGate } from ${from};\nexport type X = openGate;\n`],
    ['odd formatting', `import {open  ,  shut} from ${from}\n\tif(shut)open  ( )\n`, `import {openGate  ,  shut} from ${from}\n\tif(shut)openGate  ( )\n`],
    ['CRLF', `import { open } from ${from};\r\nopen();\r\n`, `import { openGate } from ${from};\r\nopenGate();\r\n`],
  ])('%s is followed', (_, text, expected) => {
    const outcome = follow(text);
    expect(outcome).toEqual({ kind: 'applied', text: expected });
    expect(follow(expected)).toEqual({ kind: 'already', text: expected });
  });

  test.each<[string, string]>([
    ['of another module', `import { open } from '#src/protections/door/core.ts';\nopen();\n`],
    ['of a package', `import { open } from 'gate';\nopen();\n`],
    ['that is somebody else', `import { shut } from ${from};\nconst open = shut;\nopen();\n`],
    ['in a string', `import { shut } from ${from};\nshut('open');\n`],
  ])('a name %s stays', (_, text) => expect(follow(text)).toEqual({ kind: 'already', text }));

  test('a shadowed name stays', () => {
    const outcome = follow(`import { open } from ${from};\nopen();\nexport const f = (open: string) => open;\n`);
    expect(outcome).toMatchObject({ kind: 'applied', text: `import { openGate } from ${from};\nopenGate();\nexport const f = (open: string) => open;\n` });
  });

  test.each([`const { open } = await import(${from});\n`, `(await import(${from})).open();\n`, `const { open } = require(${from});\n`])('%j cannot be followed, and says what to write', (text) => {
    expect(follow(text)).toMatchObject({ kind: 'cannot', paste: [{ file: 'src/routes/mine/module.ts', where: 'line 1: `open` is `openGate` now', text: expect.stringContaining('openGate') }] });
  });
});
