import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import type { Repository } from '../../../src/doctor/repository.ts';
import { untrusted } from '../../../src/doctor/request.ts';
import type { SourceText } from '../../../src/doctor/source-text.ts';
import { callsPackage, declarationOf, functionAround, methodOf, optionOf, piecesOf, plain } from '../../../src/doctor/syntax.ts';

/** Data of the client in any piece of a text. */
const inText = (text: ts.Expression | undefined, sink: ts.Node, source: SourceText, repository: Repository): string | undefined => {
  if (text === undefined) return undefined;
  for (const piece of piecesOf(text)) {
    const found = typeof piece === 'string' ? undefined : untrusted(piece, sink, source, repository);
    if (found !== undefined) return found.text;
  }
  return undefined;
};

const isGlobal = (node: ts.Expression, name: string): boolean => ts.isIdentifier(node) && node.text === name && declarationOf(node) === undefined;

const code: Check = {
  id: 'code-from-request',
  item: 'Q419',
  title: 'Text of a client is run as code',
  severity: 'critical',
  cwe: ['CWE-95', 'CWE-94'],
  asvs: ['V1.3.2'],
  advice: 'Never run text as code; parse it as data (JSON.parse behind a schema), or look names up in a Map.',
  file: {
    mentions: /\beval\b|\bFunction\b|\bvm\b|unserialize/,
    *look(source, repository): Iterable<Hit> {
      const calls = [...source.calls, ...source.all(ts.isNewExpression)];
      for (const call of calls) {
        const isCode = isGlobal(call.expression, 'eval') || isGlobal(call.expression, 'Function') || callsPackage(call, ['vm'], ['runInNewContext', 'runInThisContext', 'runInContext', 'Script', 'compileFunction']) || callsPackage(call, ['node-serialize'], ['unserialize']);
        if (!isCode) continue;
        for (const argument of call.arguments ?? []) {
          const found = inText(argument, call, source, repository);
          if (found !== undefined) yield { at: call, saw: `\`${found}\`, as the client sent it, is run` };
        }
      }
    },
  },
};

const command: Check = {
  id: 'command-from-request',
  item: 'Q453',
  title: 'Text of a client is part of a shell command',
  severity: 'critical',
  cwe: ['CWE-78'],
  asvs: ['V1.2.5'],
  advice: 'Use execFile with a fixed program and the value as one argument, behind `--`.',
  file: {
    mentions: /child_process|execa|shelljs/,
    *look(source, repository): Iterable<Hit> {
      for (const call of source.calls) {
        const isShell = callsPackage(call, ['child_process'], ['exec', 'execSync']) || callsPackage(call, ['shelljs'], ['exec']) || callsPackage(call, ['execa'], ['execaCommand', 'execaCommandSync']);
        const withShell = callsPackage(call, ['child_process'], ['spawn', 'spawnSync', 'execFile', 'execFileSync']) && optionOf(call.arguments[2], 'shell').kind === 'value' && /^(?:true|['"`])/.test(shellText(call));
        if (!isShell && !withShell) continue;
        const found = inText(call.arguments[0], call, source, repository);
        if (found !== undefined) yield { at: call, saw: `\`${found}\`, as the client sent it, is part of a command for the shell` };
      }
    },
  },
};

const shellText = (call: ts.CallExpression): string => {
  const option = optionOf(call.arguments[2], 'shell');
  return option.kind === 'value' ? option.value.getText() : '';
};

const pattern: Check = {
  id: 'pattern-from-request',
  item: 'Q468',
  title: 'A regular expression is made of text of a client',
  severity: 'medium',
  cwe: ['CWE-1333', 'CWE-625'],
  asvs: ['V1.2.9', 'V1.3.12'],
  advice: 'Compare with includes or startsWith, or escape the text first (RegExp.escape).',
  file: {
    mentions: /RegExp/,
    *look(source, repository): Iterable<Hit> {
      for (const call of [...source.calls, ...source.all(ts.isNewExpression)]) {
        if (!isGlobal(call.expression, 'RegExp')) continue;
        const found = inText(call.arguments?.[0], call, source, repository);
        if (found !== undefined) yield { at: call, saw: `\`${found}\`, as the client sent it, is the pattern` };
      }
    },
  },
};

/** `prisma.user.create({ data: req.body })`, `User.create(req.body)` of a model, `Object.assign(user, req.body)` of a row that is saved. */
const stored = (call: ts.CallExpression): readonly ts.Expression[] => {
  const method = methodOf(call) ?? '';
  if (!ts.isPropertyAccessExpression(call.expression)) return [];
  const owner = call.expression.expression;
  const [first] = call.arguments;
  if (call.expression.getText() === 'Object.assign') return first !== undefined && isSaved(first) ? call.arguments.slice(1) : [];
  if (!/^(?:create|insertOne|update|updateOne|upsert|findByIdAndUpdate|findOneAndUpdate)$/.test(method)) return [];
  if (isModel(owner)) return [...call.arguments];
  const data = /(?:prisma|db|tx)\w*\.\w+$/i.test(owner.getText()) ? call.arguments.map((argument) => optionOf(argument, 'data')) : [];
  return data.flatMap((option) => (option.kind === 'value' ? [option.value] : []));
};

/** Whether a function saves what this is: a row, and not any object. */
const isSaved = (node: ts.Expression): boolean => ts.isIdentifier(node) && functionAround(node)?.getText().includes(`${node.text}.save(`) === true;

/** A model of Mongoose or Sequelize that this file makes or imports; a class of any other kind may look at what it is given. */
const isModel = (node: ts.Expression): boolean => {
  const declaration = ts.isIdentifier(node) ? declarationOf(node) : undefined;
  if (declaration === undefined) return false;
  if (ts.isVariableDeclaration(declaration)) return /^(?:mongoose\.)?model\s*[<(]|\.define\s*[<(]/.test(declaration.initializer?.getText() ?? '');
  return ts.isClassDeclaration(declaration) && declaration.heritageClauses?.some((clause) => /\bextends\s+(?:sequelize\.)?(?:Model|BaseEntity)\b/i.test(clause.getText())) === true;
};

const assignment: Check = {
  id: 'mass-assignment',
  item: 'Q413',
  title: 'Whatever a client sends is stored',
  severity: 'medium',
  advice: 'Take the fields that the client may set, one by one or by a schema that refuses others.',
  file: {
    mentions: /\bbody\b/,
    *look(source, repository): Iterable<Hit> {
      for (const call of source.calls) {
        for (const value of stored(call)) {
          const found = untrusted(plain(value), call, source, repository);
          if (found !== undefined && /(?:^|\.)body$/.test(found.text)) yield { at: call.expression, saw: `the whole \`${found.text}\` is stored` };
        }
      }
    },
  },
};

export const doctor: Doctor = { checks: [code, command, pattern, assignment] };
