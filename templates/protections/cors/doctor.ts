import { ts } from 'ts-morph';
import type { Check, Doctor, Probe } from '../../../src/doctor/check.ts';
import { isRequest, replyChain } from '../../../src/doctor/request.ts';
import type { SourceText } from '../../../src/doctor/source-text.ts';
import { callsPackage, functionAround, isConditional, isFunction, isLiteral, optionOf, plain, registers, saysOption, stringOf, valueOf } from '../../../src/doctor/syntax.ts';

/** Options of every registration of a CORS package in a file. */
const corsOptions = (source: SourceText): readonly ts.Expression[] =>
  source.calls.flatMap((call) => {
    const [first, second] = call.arguments;
    if (callsPackage(call, ['cors'])) return first === undefined ? [] : [first];
    return second !== undefined && registers(call, ['@fastify/cors', 'fastify-cors']) ? [second] : [];
  });

/** `(origin, callback) => callback(null, true)`: a function that allows every origin. */
const allowsAll = (origin: ts.Expression): boolean => {
  const value = valueOf(origin);
  if (!ts.isArrowFunction(value) && !ts.isFunctionExpression(value)) return false;
  const { body } = value;
  const [only, ...others] = ts.isBlock(body) ? body.statements : [];
  const expression = !ts.isBlock(body) ? body : only !== undefined && others.length === 0 && (ts.isExpressionStatement(only) || ts.isReturnStatement(only)) ? only.expression : undefined;
  const call = expression === undefined ? undefined : plain(expression);
  const callback = value.parameters[1]?.name;
  return call !== undefined && ts.isCallExpression(call) && callback !== undefined && call.expression.getText() === callback.getText() && isLiteral(call.arguments[1], true);
};

const reflects: Check = {
  id: 'cors-any-origin-with-credentials',
  item: 'Q449',
  title: 'Pages of any origin may read answers with the cookies of a user',
  severity: 'high',
  advice: 'List the origins that may, as exact strings.',
  file: {
    mentions: /credentials/i,
    *look(source) {
      for (const options of corsOptions(source)) {
        const origin = optionOf(options, 'origin');
        if (origin.kind !== 'value' || !saysOption(optionOf(options, 'credentials'), true)) continue;
        if (isLiteral(origin.value, true)) yield { at: origin.value, saw: '`origin: true` allows every origin by repeating it, with `credentials: true`' };
        else if (allowsAll(origin.value)) yield { at: origin.value, saw: 'the function for `origin` allows every one, with `credentials: true`' };
      }
      yield* byHand(source);
    },
  },
};

const isSetting = (name: string): boolean => ['set', 'header', 'setHeader'].includes(name);

/** The header is set to whatever origin asked. */
function* byHand(source: SourceText) {
  const settings = source.calls.flatMap((call) => {
    const method = replyChain(call)?.at(-1) ?? '';
    const name = stringOf(call.arguments[0])?.toLowerCase();
    return isSetting(method) && name !== undefined ? [{ call, name, value: call.arguments[1] }] : [];
  });
  for (const { call, name, value } of settings) {
    if (name !== 'access-control-allow-origin' || value === undefined || isConditional(call) || !isOriginOfRequest(value)) continue;
    const owner = functionAround(call);
    const withCredentials = settings.some((other) => other.name === 'access-control-allow-credentials' && /^['"`]?true/.test(other.value?.getText() ?? '') && functionAround(other.call) === owner && !isConditional(other.call));
    if (withCredentials) yield { at: call, saw: 'Access-Control-Allow-Origin repeats the origin of the request, and credentials are allowed' };
  }
}

/** `req.headers.origin`, `req.get('origin')`, each perhaps with a fallback. */
const isOriginOfRequest = (node: ts.Expression): boolean => {
  const value = valueOf(node);
  if (ts.isBinaryExpression(value)) return isOriginOfRequest(value.left);
  if (ts.isCallExpression(value)) return ts.isPropertyAccessExpression(value.expression) && isRequest(value.expression.expression) && /^(?:get|header)$/.test(value.expression.name.text) && stringOf(value.arguments[0])?.toLowerCase() === 'origin';
  if (!ts.isPropertyAccessExpression(value) || value.name.text !== 'origin' || !ts.isPropertyAccessExpression(value.expression)) return false;
  return value.expression.name.text === 'headers' && isRequest(value.expression.expression);
};

/** Every origin pattern of the options: one, or several in a list. */
const patternsIn = (origin: ts.Expression): readonly ts.Expression[] => {
  const value = valueOf(origin);
  return ts.isArrayLiteralExpression(value) ? value.elements.map((element) => valueOf(element)) : [value];
};

const openPattern: Check = {
  id: 'cors-open-pattern',
  item: 'Q449',
  title: 'A pattern for origins matches hosts of strangers',
  severity: 'high',
  cwe: ['CWE-942', 'CWE-777'],
  advice: 'List exact origins, or anchor the pattern: /^https:\\/\\/[a-z0-9-]+\\.example\\.com$/.',
  file: {
    mentions: /origin/,
    *look(source) {
      for (const options of corsOptions(source)) {
        const origin = optionOf(options, 'origin');
        if (origin.kind !== 'value' || !saysOption(optionOf(options, 'credentials'), true)) continue;
        for (const pattern of patternsIn(origin.value)) {
          if (!ts.isRegularExpressionLiteral(pattern) || isFunction(pattern)) continue;
          const body = pattern.text.slice(1, pattern.text.lastIndexOf('/'));
          if (!body.includes('$') && /\\?\.[a-z]{2,}(?:\/|\\\/)?$/i.test(body)) yield { at: pattern, saw: `${pattern.text} has no $ at its end: it matches https://…${body.replaceAll(/\\|^.*(?=\b[\w-]+\\\.)/g, '')}.attacker.example too` };
        }
      }
    },
  },
};

const nullOrigin: Check = {
  id: 'cors-null-origin',
  item: 'Q449',
  title: 'The origin null may read answers with the cookies of a user',
  severity: 'high',
  advice: "Take 'null' out: any page can send it from a sandboxed frame.",
  file: {
    mentions: /["'`]null["'`]/,
    *look(source) {
      for (const options of corsOptions(source)) {
        const origin = optionOf(options, 'origin');
        if (origin.kind !== 'value' || !saysOption(optionOf(options, 'credentials'), true)) continue;
        for (const pattern of patternsIn(origin.value)) if (stringOf(pattern) === 'null') yield { at: pattern, saw: "'null' is among the origins, with `credentials: true`" };
      }
    },
  },
};

const probe: Probe = {
  id: 'server-allows-any-origin',
  item: 'Q449',
  title: 'The running server lets pages of any origin read answers with cookies',
  severity: 'high',
  advice: 'List the origins that may, as exact strings.',
  asks: ['https://attacker.example', 'null'].flatMap((Origin) => [
    { method: 'GET', path: '/', headers: { Origin } } as const,
    { method: 'OPTIONS', path: '/', headers: { Origin, 'Access-Control-Request-Method': 'POST' } } as const,
  ]),
  judge: (replies) => {
    const open = replies.find(({ headers }) => headers['access-control-allow-credentials']?.includes('true') === true && headers['access-control-allow-origin']?.some((value) => value === 'https://attacker.example' || value === 'null') === true);
    return open === undefined ? undefined : { saw: `an answer allows the origin ${open.headers['access-control-allow-origin']?.join()} with credentials` };
  },
};

export const doctor: Doctor = { checks: [reflects, openPattern, nullOrigin], probes: [probe] };
