import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import type { SourceText } from '../../../src/doctor/source-text.ts';
import { callsPackage, functionAround, isFunction, namesAround, numberOf, optionOf, plain, registers, stringOf, valueOf } from '../../../src/doctor/syntax.ts';

/** Every secret that is given to something that signs or encrypts with it. */
const secretsIn = (source: SourceText): ts.Expression[] =>
  source.calls.flatMap((call): ts.Expression[] => {
    const [first, second] = call.arguments;
    const options = (from: ts.Expression | undefined, ...names: string[]): ts.Expression[] => names.flatMap((name) => listed(from, name));
    if (callsPackage(call, ['express-session', 'express-jwt'], ['default', 'expressjwt'])) return options(first, 'secret');
    if (callsPackage(call, ['cookie-session'])) return options(first, 'secret', 'keys');
    if (callsPackage(call, ['cookie-parser'])) return first === undefined ? [] : [first];
    if (callsPackage(call, ['jsonwebtoken'], ['sign', 'verify'])) return second === undefined ? [] : [second];
    if (registers(call, ['@fastify/jwt', '@fastify/cookie', '@fastify/session', '@fastify/secure-session'])) return options(second, 'secret', 'key');
    if (callsPackage(call, ['crypto'], ['createCipheriv', 'createDecipheriv'])) return second === undefined ? [] : [insideBuffer(second)];
    return [];
  });

const listed = (from: ts.Expression | undefined, name: string): ts.Expression[] => {
  const option = optionOf(from, name);
  if (option.kind !== 'value') return [];
  const value = valueOf(option.value);
  return ts.isArrayLiteralExpression(value) ? [...value.elements] : [option.value];
};

/** `Buffer.from('secret')` is as known as its text. */
const insideBuffer = (node: ts.Expression): ts.Expression => {
  const value = valueOf(node);
  const [text] = ts.isCallExpression(value) && value.expression.getText() === 'Buffer.from' ? value.arguments : [];
  return text ?? node;
};

/** A public key is no secret. */
const isSecret = (text: string | undefined): text is string => text !== undefined && text.length > 0 && !/BEGIN (?:RSA )?(?:PUBLIC KEY|CERTIFICATE)|^https?:|^ssh-/.test(text);

const hardCoded: Check = {
  id: 'secret-in-source',
  item: 'Q461',
  title: 'A secret stands in the source',
  severity: 'high',
  cwe: ['CWE-321', 'CWE-798'],
  asvs: ['V13.3.1'],
  advice: 'Read it from the environment or a vault, refuse to start without it, and replace the one that is known.',
  file: {
    mentions: /secret|key|sign|verify|cookie-?parser|cipheriv/i,
    *look(source): Iterable<Hit> {
      for (const secret of secretsIn(source)) {
        if (isSecret(stringOf(secret))) yield { at: secret, saw: 'what signs or encrypts is a text of the source' };
        else if (isSecret(fallbackOf(secret)) && !/NODE_ENV|isProd|production/i.test(source.text)) yield { at: secret, saw: 'where the variable is not set, what signs or encrypts is a text of the source', severity: 'medium' };
      }
    },
  },
};

/** `process.env.SECRET || 'change me'` */
const fallbackOf = (node: ts.Expression): string | undefined => {
  const value = valueOf(node);
  if (!ts.isBinaryExpression(value) || ![ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken].includes(value.operatorToken.kind)) return undefined;
  return /^process\.env\b/.test(plain(value.left).getText()) ? stringOf(value.right) : undefined;
};

/** What nobody may guess, by its name. */
const unguessable = /(?:token|secret|password|passcode|otp|api_?key|session_?id|(?:reset|verification|verify|confirmation|confirm|invite|invitation|activation|recovery|login|auth)_?code)$/i;
const countless = /(?:csrf|count|max|num|token_?type|cancel|lock|mutex|lease|trace|fake|mock|dummy|sample|test|example)/i;

const weakRandom: Check = {
  id: 'token-from-math-random',
  item: 'Q445',
  title: 'What nobody may guess is made by Math.random',
  severity: 'high',
  cwe: ['CWE-338', 'CWE-330'],
  asvs: ['V11.5.1'],
  advice: "crypto.randomBytes(32).toString('base64url'), or crypto.randomInt for codes.",
  file: {
    mentions: /Math\.random/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        if (call.expression.getText() !== 'Math.random') continue;
        const name = madeInto(call);
        if (name !== undefined && unguessable.test(name) && !countless.test(name) && !countless.test(namesAround(call))) yield { at: call, saw: `\`${name}\` is made by Math.random, whose next values can be computed from earlier ones` };
      }
    },
  },
};

/** The name that a value gets: of the constant, the member or the function that it ends up in. */
const madeInto = (node: ts.Node): string | undefined => {
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if (ts.isVariableDeclaration(current)) return isOwnText(node, current) ? current.name.getText() : undefined;
    if (ts.isPropertyAssignment(current)) return current.name.getText().replaceAll(/["']/g, '');
    if (ts.isBinaryExpression(current) && current.operatorToken.kind === ts.SyntaxKind.EqualsToken) return current.left.getText().split('.').at(-1);
    if (ts.isReturnStatement(current) || (ts.isArrowFunction(current) && current.body !== undefined && !ts.isBlock(current.body))) return nameOfFunction(ts.isReturnStatement(current) ? functionAround(current) : current);
    if (ts.isStatement(current) || isFunction(current)) return undefined;
  }
  return undefined;
};

/** Not inside of a condition: `const token = Math.random() < 0.5 ? a : b` chooses, and makes nothing. */
const isOwnText = (node: ts.Node, owner: ts.VariableDeclaration): boolean => {
  for (let current = node.parent; current !== owner; current = current.parent) if (ts.isConditionalExpression(current) || (ts.isBinaryExpression(current) && /^[<>]/.test(current.operatorToken.getText()))) return false;
  return true;
};

const nameOfFunction = (node: ts.Node | undefined): string | undefined => {
  if (node === undefined) return undefined;
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText();
  return ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name.getText() : undefined;
};

const oldCipher: Check = {
  id: 'cipher-broken',
  item: 'Q469',
  title: 'Data is encrypted by a cipher that is broken',
  severity: 'high',
  cwe: ['CWE-327'],
  advice: "createCipheriv('aes-256-gcm', key, randomBytes(12), { authTagLength: 16 })",
  file: {
    mentions: /createCipher/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        if (callsPackage(call, ['crypto'], ['createCipher'])) yield { at: call, saw: '`createCipher` makes key and IV from a password by one round of MD5' };
        if (!callsPackage(call, ['crypto'], ['createCipheriv'])) continue;
        const cipher = stringOf(call.arguments[0]);
        if (cipher !== undefined && /^(?:des|rc[24]|bf|blowfish|idea|seed)|-ecb$/i.test(cipher)) yield { at: call, saw: `\`${cipher}\`` };
      }
    },
  },
};

const fixedIv: Check = {
  id: 'cipher-fixed-iv',
  item: 'Q445',
  title: 'Every message is encrypted with the same IV',
  severity: 'high',
  cwe: ['CWE-323', 'CWE-329'],
  asvs: ['V11.3.4'],
  advice: 'Take randomBytes(12) for every message, and keep it in front of the text.',
  file: {
    mentions: /createCipheriv/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        const iv = call.arguments[2];
        if (!callsPackage(call, ['crypto'], ['createCipheriv']) || iv === undefined) continue;
        const value = valueOf(iv);
        const isZero = ts.isCallExpression(value) && value.expression.getText() === 'Buffer.alloc' && ts.isCallExpression(plain(iv)) && numberOf(value.arguments[0]) !== undefined;
        const isText = isSecret(stringOf(insideBuffer(iv)));
        if (isZero || isText) yield { at: iv, saw: 'the IV is a constant' };
      }
    },
  },
};

export const doctor: Doctor = { checks: [hardCoded, weakRandom, oldCipher, fixedIv] };
