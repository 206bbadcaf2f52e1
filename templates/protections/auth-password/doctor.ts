import { ts } from 'ts-morph';
import type { Check, Doctor } from '../../../src/doctor/check.ts';
import { isRequest } from '../../../src/doctor/request.ts';
import { callsPackage, methodOf, numberOf, optionOf, plain, stringOf, valueOf } from '../../../src/doctor/syntax.ts';

const isPassword = (node: ts.Node): boolean => {
  const name = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isIdentifier(node) ? node.text : '';
  return /^(?:(?:new|plain|old|current|raw|user)?_?(?:text)?_?(?:password|passwd|pwd|passphrase))$/i.test(name);
};

/** Hashes that are made for passwords. */
const slow = /\b(?:argon2\w*|bcrypt\w*|scrypt\w*|pbkdf2\w*)\b/i;

const fastHash: Check = {
  id: 'password-hashed-fast',
  item: 'Q404',
  title: 'Passwords are stored by a fast hash',
  severity: 'high',
  cwe: ['CWE-916', 'CWE-759'],
  advice: 'Use Argon2id (crypto.argon2 in Node 24.7, or the package argon2), or bcrypt or scrypt.',
  file: {
    mentions: /createHash|["']md5["']|["']sha1["']/,
    *look(source) {
      // A password may be hashed fast to ask whether it was ever published, before a slow hash, or to move an old one.
      if (slow.test(source.text) || /pwned|hibp|\.(?:slice|substring)\(0, ?5\)|legacy/i.test(source.text)) return;
      for (const call of source.calls) {
        const byPackage = callsPackage(call, ['md5', 'sha1', 'js-md5', 'js-sha1']);
        const password = byPackage ? call.arguments[0] : methodOf(call) === 'update' ? call.arguments[0] : undefined;
        if (password === undefined || !hasPassword(password)) continue;
        if (byPackage) {
          yield { at: call, saw: 'a password is hashed by `' + call.expression.getText() + '`' };
          continue;
        }
        const maker = ts.isPropertyAccessExpression(call.expression) ? valueOf(call.expression.expression) : undefined;
        if (maker === undefined || !ts.isCallExpression(maker) || !callsPackage(maker, ['crypto'], ['createHash'])) continue;
        const algorithm = stringOf(maker.arguments[0]);
        if (algorithm !== undefined && /^(?:md[45]|sha-?\d+|ripemd160)$/i.test(algorithm)) yield { at: call, saw: `a password is hashed by one round of ${algorithm}` };
      }
    },
  },
};

/** The password itself, or one with a salt beside it. */
const hasPassword = (node: ts.Expression): boolean => {
  const value = plain(node);
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken) return hasPassword(value.left) || hasPassword(value.right);
  if (ts.isTemplateExpression(value)) return value.templateSpans.some(({ expression }) => hasPassword(expression));
  return isPassword(value);
};

const cheap: Check = {
  id: 'password-hash-too-cheap',
  item: 'Q404',
  title: 'The hash of passwords costs an attacker too little',
  severity: 'medium',
  cwe: ['CWE-916'],
  advice: 'Argon2id with 19 MiB and 2 rounds, bcrypt with cost 12, scrypt with N 2^17, PBKDF2-SHA256 with 600,000 rounds (OWASP).',
  file: {
    mentions: /bcrypt|pbkdf2|scrypt/,
    *look(source) {
      for (const call of source.calls) {
        const [password, , third, fourth] = call.arguments;
        if (callsPackage(call, ['bcrypt', 'bcryptjs'], ['hash', 'hashSync'])) {
          const cost = numberOf(call.arguments[1]);
          if (cost !== undefined && cost < 10) yield { at: call, saw: `bcrypt with cost ${cost}` };
        } else if (callsPackage(call, ['crypto'], ['pbkdf2', 'pbkdf2Sync'])) {
          const rounds = numberOf(third);
          if (rounds !== undefined && rounds < 100_000 && password !== undefined && isPassword(plain(password))) yield { at: call, saw: `PBKDF2 with ${rounds} rounds` };
        } else if (callsPackage(call, ['crypto'], ['scrypt', 'scryptSync'])) {
          const found = [optionOf(fourth, 'N'), optionOf(fourth, 'cost')].find(({ kind }) => kind === 'value');
          const cost = found?.kind === 'value' ? numberOf(found.value) : undefined;
          if (cost !== undefined && cost < 16_384 && password !== undefined && isPassword(plain(password))) yield { at: call, saw: `scrypt with N ${cost}` };
        }
      }
    },
  },
};

const isSecretOfEnvironment = (node: ts.Expression): boolean => {
  const value = valueOf(node);
  return /^process\.env(?:\.|\[["'])\w*(?:SECRET|TOKEN|API_?KEY|PASSWORD)\w*/i.test(value.getText());
};

const isHeader = (node: ts.Expression): boolean => {
  const value = valueOf(node);
  if (ts.isCallExpression(value)) return ts.isPropertyAccessExpression(value.expression) && isRequest(value.expression.expression) && ['get', 'header'].includes(value.expression.name.text);
  if (!ts.isPropertyAccessExpression(value) && !ts.isElementAccessExpression(value)) return false;
  return ts.isPropertyAccessExpression(value.expression) && value.expression.name.text === 'headers' && isRequest(value.expression.expression);
};

const timing: Check = {
  id: 'secret-compared-early-exit',
  item: 'Q405',
  title: 'A secret is compared so that time tells how much of it was right',
  severity: 'low',
  cwe: ['CWE-208'],
  advice: 'Compare digests of both with crypto.timingSafeEqual.',
  file: {
    mentions: /process\.env/,
    *look(source) {
      for (const comparison of source.all(ts.isBinaryExpression)) {
        if (!/^[!=]==?$/.test(comparison.operatorToken.getText())) continue;
        const { left, right } = comparison;
        if ((isHeader(left) && isSecretOfEnvironment(right)) || (isHeader(right) && isSecretOfEnvironment(left))) yield { at: comparison, saw: 'a header is compared with a secret by `' + comparison.operatorToken.getText() + '`' };
      }
    },
  },
};

export const doctor: Doctor = { checks: [fastHash, cheap, timing] };
