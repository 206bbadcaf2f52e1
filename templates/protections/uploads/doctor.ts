import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import { replyChain, untrusted } from '../../../src/doctor/request.ts';
import { callsPackage, methodOf, optionOf, piecesOf, plain, stringOf, valueOf } from '../../../src/doctor/syntax.ts';

const limits: Check = {
  id: 'upload-without-limit',
  item: 'Q478',
  title: 'Uploads have no largest size',
  severity: 'medium',
  cwe: ['CWE-770', 'CWE-400'],
  asvs: ['V5.2.1'],
  advice: 'multer({ limits: { fileSize: 5 * 1024 * 1024, files: 1 } })',
  file: {
    mentions: /["']multer["']/,
    *look(source) {
      for (const call of source.calls) {
        if (!callsPackage(call, ['multer']) || optionOf(call.arguments[0], 'limits', 'fileSize').kind !== 'absent') continue;
        // `.none()` takes no file.
        const name = ts.isVariableDeclaration(call.parent) && ts.isIdentifier(call.parent.name) ? call.parent.name.text : undefined;
        const isForFields = methodOfParent(call) === 'none' || (name !== undefined && source.text.includes(`${name}.none(`) && !new RegExp(`\\b${name}\\.(?:single|array|fields|any)\\(`).test(source.text));
        if (!isForFields) yield { at: call, saw: '`multer` is called without `limits.fileSize`' };
      }
    },
  },
};

const methodOfParent = (call: ts.CallExpression): string | undefined => (ts.isPropertyAccessExpression(call.parent) ? call.parent.name.text : undefined);

const names: Check = {
  id: 'upload-named-by-client',
  item: 'G1',
  title: 'Uploads are saved under the name that the client sent',
  severity: 'medium',
  advice: 'Make a random name, and keep the original one as text beside it.',
  file: {
    mentions: /originalname/,
    *look(source) {
      for (const call of source.calls) {
        if (!callsPackage(call, ['multer'], ['diskStorage'])) continue;
        const maker = namer(call.arguments[0]);
        const [file, callback] = maker?.parameters.slice(1) ?? [];
        if (maker?.body === undefined || file === undefined || callback === undefined) continue;
        for (const done of source.all(ts.isCallExpression, maker.body)) {
          const name = done.arguments[1];
          if (done.expression.getText() === callback.name.getText() && name !== undefined && plain(name).getText() === `${file.name.getText()}.originalname`) yield { at: name, saw: 'the name of the file is `originalname`: it overwrites others, and keeps its ending' };
        }
      }
    },
  },
};

/** The function that names files. */
const namer = (options: ts.Expression | undefined): ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration | undefined => {
  const value = options === undefined ? undefined : valueOf(options);
  if (value === undefined || !ts.isObjectLiteralExpression(value)) return undefined;
  for (const member of value.properties) {
    if (member.name?.getText() !== 'filename') continue;
    if (ts.isMethodDeclaration(member)) return member;
    const inner = ts.isPropertyAssignment(member) ? valueOf(member.initializer) : undefined;
    if (inner !== undefined && (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner))) return inner;
  }
  return undefined;
};

const reads = ['readFile', 'readFileSync', 'createReadStream', 'writeFile', 'writeFileSync', 'createWriteStream', 'unlink', 'unlinkSync', 'rm', 'rmSync', 'readdir', 'readdirSync', 'open', 'openSync', 'appendFile', 'appendFileSync'];

/** What a path is made of: `path.join(folder, name)` counts as its parts. */
const pathPieces = (node: ts.Expression): (string | ts.Expression)[] => {
  const value = valueOf(node);
  const isJoin = ts.isCallExpression(value) && callsPackage(value, ['path', 'path/posix'], ['join', 'resolve']);
  return isJoin ? value.arguments.flatMap((argument) => pathPieces(argument)) : piecesOf(node);
};

const traversal: Check = {
  id: 'path-from-request',
  item: 'B3',
  title: 'A client says which file is read or written',
  severity: 'high',
  cwe: ['CWE-22', 'CWE-73'],
  advice: "Choose from a list, use path.basename, or give res.sendFile a `root`.",
  file: {
    mentions: /\bfs\b|fs\/promises|sendFile|download/,
    *look(source, repository): Iterable<Hit> {
      for (const call of source.calls) {
        const [path, ...more] = call.arguments;
        if (path === undefined) continue;
        const method = methodOf(call);
        const isFile = callsPackage(call, ['fs', 'fs/promises', 'fs-extra'], reads) || /^(?:fs|fsPromises)(?:\.promises)?$/.test(ts.isPropertyAccessExpression(call.expression) && reads.includes(call.expression.name.text) ? call.expression.expression.getText() : '');
        const isSent = (method === 'sendFile' || method === 'download') && repository.target === 'express' && replyChain(call) !== undefined && !more.some((argument) => !isCallback(argument) && optionOf(argument, 'root').kind !== 'absent');
        if (!isFile && !isSent) continue;
        for (const piece of pathPieces(path)) {
          const found = typeof piece === 'string' ? undefined : untrusted(piece, call, source, repository);
          if (found !== undefined) yield { at: call, saw: `\`${found.text}\`, as the client sent it, is part of the path` };
        }
      }
    },
  },
};

const isCallback = (node: ts.Expression): boolean => ts.isArrowFunction(plain(node)) || ts.isFunctionExpression(plain(node));

const wholeProject: Check = {
  id: 'project-served-as-files',
  item: 'B3',
  title: 'The folder of the project is served to everybody',
  severity: 'high',
  cwe: ['CWE-548', 'CWE-552'],
  asvs: ['V13.4.1', 'V13.4.7'],
  advice: 'Serve a folder that holds nothing else: express.static(path.join(import.meta.dirname, "public")).',
  file: {
    mentions: /static/,
    *look(source) {
      for (const call of source.calls) {
        const isStatic = callsPackage(call, ['express'], ['static']) || callsPackage(call, ['serve-static']);
        const [root] = call.arguments;
        if (!isStatic || root === undefined) continue;
        const text = stringOf(root);
        const isHere = text === '.' || text === './' || plain(root).getText() === 'process.cwd()' || (plain(root).getText() === '__dirname' && !source.path.includes('/'));
        if (isHere) yield { at: call, saw: `\`${call.getText().slice(0, 60)}\` serves package.json, the source and everything else of the project` };
      }
    },
  },
};

export const doctor: Doctor = { checks: [limits, names, traversal, wholeProject] };
