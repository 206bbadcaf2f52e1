import { ts } from 'ts-morph';
import type { Check, Doctor } from '../../../src/doctor/check.ts';
import { untrusted } from '../../../src/doctor/request.ts';
import { callsPackage, declarationOf, isConditional, isLiteral, piecesOf, stringOf } from '../../../src/doctor/syntax.ts';

const unverified: Check = {
  id: 'tls-not-verified',
  item: 'Q477',
  title: 'The certificate of the other side is not verified',
  severity: 'high',
  cwe: ['CWE-295'],
  asvs: ['V12.3.2'],
  advice: 'Take it out; give the certificate of a private authority with `ca`, or NODE_EXTRA_CA_CERTS.',
  file: {
    mentions: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED/,
    *look(source) {
      for (const property of source.all(ts.isPropertyAssignment)) {
        if (property.name.getText().replaceAll(/["']/g, '') !== 'rejectUnauthorized' || !isLiteral(property.initializer, false)) continue;
        // A server that asks for certificates of clients may check them later.
        const isServer = /requestCert/.test(property.parent.getText()) || serves(property);
        if (!isServer && !isConditional(property)) yield { at: property, saw: '`rejectUnauthorized: false`' };
      }
      for (const assignment of source.all(ts.isBinaryExpression)) {
        if (assignment.operatorToken.kind !== ts.SyntaxKind.EqualsToken || !/^process\.env(?:\.|\[["'])NODE_TLS_REJECT_UNAUTHORIZED/.test(assignment.left.getText())) continue;
        if (stringOf(assignment.right) === '0' && !isConditional(assignment)) yield { at: assignment, saw: 'NODE_TLS_REJECT_UNAUTHORIZED is set to 0 for every connection' };
      }
    },
  },
};

/** Whether options are those of a server: of `createServer`, or of an app. */
const serves = (node: ts.Node): boolean => {
  for (let current = node.parent; current !== undefined; current = current.parent) if (ts.isCallExpression(current)) return /createServer|createSecureServer|fastify/i.test(current.expression.getText());
  return false;
};

const clients = ['axios', 'got', 'node-fetch', 'undici', 'superagent', 'request', 'needle', 'http', 'https', 'ky', 'cross-fetch'];
const methods = ['default', 'get', 'post', 'put', 'patch', 'head', 'request', 'fetch', 'stream'];

const forged: Check = {
  id: 'request-to-any-host',
  item: 'Q451',
  title: 'A client says which host the server talks to',
  severity: 'high',
  cwe: ['CWE-918'],
  advice: 'Choose the host from a list, or use a client that refuses private addresses after resolving the name.',
  file: {
    mentions: /\bfetch\b|axios|\bgot\b|undici|superagent|needle|https?|\bky\b/,
    *look(source, repository) {
      for (const call of source.calls) {
        const isFetch = ts.isIdentifier(call.expression) && call.expression.text === 'fetch' && declarationOf(call.expression) === undefined;
        if (!isFetch && !callsPackage(call, clients, methods)) continue;
        const [url] = call.arguments;
        if (url === undefined) continue;
        const [first, second] = piecesOf(url);
        const host = typeof first === 'string' && /^https?:\/\/$/i.test(first) ? second : first;
        if (host === undefined || typeof host === 'string') continue;
        const found = untrusted(host, call, source, repository);
        if (found !== undefined) yield { at: call, saw: `the request goes to \`${found.text}\`, as the client sent it` };
      }
    },
  },
};

export const doctor: Doctor = { checks: [unverified, forged] };
