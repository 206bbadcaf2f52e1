import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import { callsPackage, numberOf, stringOf } from '../../../src/doctor/syntax.ts';

const open: Check = {
  id: 'file-writable-by-everybody',
  item: 'Q437',
  title: 'Every user of the machine may write a file of the app',
  severity: 'medium',
  cwe: ['CWE-732', 'CWE-276'],
  advice: '0o600 for files with secrets, 0o700 for folders.',
  file: {
    mentions: /chmod/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        const mode = modeOf(call);
        if (mode === undefined) continue;
        const bits = octal(mode);
        if (bits !== undefined && (bits & 0o002) !== 0 && (bits & 0o1000) === 0) yield { at: mode, saw: `mode ${mode.getText()}` };
      }
    },
  },
};

/** Only what chmod says is what it will be: other modes are less the umask. */
const modeOf = (call: ts.CallExpression): ts.Expression | undefined =>
  callsPackage(call, ['fs', 'fs/promises', 'fs-extra'], ['chmod', 'chmodSync', 'fchmod', 'fchmodSync']) ? call.arguments[1] : undefined;

const octal = (node: ts.Expression): number | undefined => {
  const text = stringOf(node);
  if (text !== undefined) return /^0?[0-7]{3,4}$/.test(text) ? Number.parseInt(text, 8) : undefined;
  const value = ts.isNumericLiteral(node) ? node.getText() : '';
  return /^0o[0-7]+$/i.test(value) ? Number(value) : numberOf(node);
};

export const doctor: Doctor = { checks: [open] };
