import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import { isRequest } from '../../../src/doctor/request.ts';
import { plain } from '../../../src/doctor/syntax.ts';

const logs = /^(?:console\.(?:log|info|warn|error|debug)|(?:\w+\.)*(?:log|logger)\.(?:trace|debug|info|warn|error|fatal))$/;

const secrets: Check = {
  id: 'password-logged',
  item: 'Q417',
  title: 'Passwords or credentials are written to the log',
  severity: 'medium',
  cwe: ['CWE-532'],
  advice: 'Log who and what, never with which secret.',
  file: {
    mentions: /password|passwd|authorization|headers|cookies/i,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        if (!logs.test(call.expression.getText())) continue;
        for (const argument of call.arguments) {
          const found = secretIn(argument);
          if (found !== undefined) yield { at: found, saw: `\`${found.getText().slice(0, 60)}\` is logged` };
        }
      }
    },
  },
};

/** The part of an argument that is a secret of the request: as it is, in an object, or in a template. */
const secretIn = (node: ts.Expression): ts.Node | undefined => {
  const value = plain(node);
  if (ts.isTemplateExpression(value)) return value.templateSpans.flatMap(({ expression }) => secretIn(expression) ?? [])[0];
  if (ts.isObjectLiteralExpression(value)) {
    return value.properties.flatMap((member) => (ts.isPropertyAssignment(member) ? (secretIn(member.initializer) ?? []) : ts.isShorthandPropertyAssignment(member) && member.name.text === 'password' ? [member] : []))[0];
  }
  if (ts.isIdentifier(value)) return value.text === 'password' ? value : undefined;
  if (!ts.isPropertyAccessExpression(value)) return undefined;
  const { name, expression } = value;
  const owner = ts.isPropertyAccessExpression(expression) && isRequest(expression.expression) ? expression.name.text : undefined;
  if (name.text === 'password' && owner === 'body') return value;
  if (owner === 'headers') return ['authorization', 'cookie'].includes(name.text) ? value : undefined;
  return isRequest(expression) && ['headers', 'rawHeaders', 'cookies'].includes(name.text) ? value : undefined;
};

export const doctor: Doctor = { checks: [secrets] };
