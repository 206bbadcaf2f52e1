import { ts } from 'ts-morph';
import type { Check, Doctor } from '../../../src/doctor/check.ts';
import { untrusted } from '../../../src/doctor/request.ts';
import { declarationOf, isFunction, methodOf, piecesOf, plain } from '../../../src/doctor/syntax.ts';

const runs: ReadonlySet<string> = new Set(['query', 'execute', 'raw', 'prepare', 'all', 'get', 'run', 'exec', 'unsafe', 'each', 'any', 'one', 'oneOrNone', 'many', 'none', 'manyOrNone', 'result', '$queryRawUnsafe', '$executeRawUnsafe']);
const statement = /^\s*(?:select\b[\s\S]*\bfrom\b|insert\s+into\b|update\b[\s\S]*\bset\b|delete\s+from\b|with\b[\s\S]*\bas\s*\()/i;

/** Whether an expression is a text that a function was given: `(name: string) => ...`. */
const isGivenText = (node: ts.Expression): boolean => {
  const value = plain(node);
  const declaration = ts.isIdentifier(value) ? declarationOf(value) : undefined;
  return declaration !== undefined && ts.isParameter(declaration) && isFunction(declaration.parent) && declaration.initializer === undefined && declaration.type?.kind === ts.SyntaxKind.StringKeyword;
};

/** Whether what follows this text stands where SQL has a value: behind a quote, or behind a comparison. */
const isValuePlace = (before: string): boolean => /(?:=|<|>|\blike)\s*'?%?$|'%?$/i.test(before) && !before.endsWith('$');

/** Whether a function looks at a parameter before it uses it: then it may be one of few. */
const isExaminedIn = (node: ts.Expression, sink: ts.Node): boolean => {
  const name = plain(node).getText();
  const declaration = ts.isIdentifier(plain(node)) ? sink : undefined;
  for (let current = declaration; current !== undefined; current = current.parent) {
    // A function as long as that is not looked through: it may look at anything.
    if (isFunction(current)) return current.getEnd() - current.getStart() > 50_000 || new RegExp(`(?:if|switch|includes|has|test|assert\\w*|escape\\w*|check\\w*|valid\\w*)\\s*\\(\\s*!?[^;{}]{0,300}\\b${name.replaceAll(/[^\w]/g, '')}\\b`).test(current.getText().replace(sink.getText(), ''));
  }
  return false;
};

const injection: Check = {
  id: 'sql-from-text',
  item: 'Q401',
  title: 'SQL is put together from values',
  severity: 'high',
  advice: 'Pass values as parameters: query(\'... where id = $1\', [id]).',
  file: {
    mentions: /\b(?:select|insert|update|delete)\b/i,
    *look(source, repository) {
      for (const call of source.calls) {
        const [text] = call.arguments;
        if (text === undefined || !runs.has(methodOf(call) ?? '')) continue;
        const pieces = piecesOf(text);
        if (!statement.test(pieces.map((piece) => (typeof piece === 'string' ? piece : 'x')).join(''))) continue;
        for (const [index, piece] of pieces.entries()) {
          if (typeof piece === 'string') continue;
          const before = pieces[index - 1];
          const found = untrusted(piece, call, source, repository);
          if (found !== undefined) yield { at: piece, saw: `\`${found.text}\`, as the client sent it, is part of the SQL`, severity: 'critical' };
          else if (isGivenText(piece) && typeof before === 'string' && isValuePlace(before) && !isExaminedIn(piece, call)) yield { at: piece, saw: `the text \`${piece.getText()}\` stands in the SQL where a value belongs` };
        }
      }
    },
  },
};

export const doctor: Doctor = { checks: [injection] };
