import { ts } from 'ts-morph';
import type { Check, Doctor, Hit, Probe } from '../../../src/doctor/check.ts';
import { replyChain } from '../../../src/doctor/request.ts';
import type { SourceText } from '../../../src/doctor/source-text.ts';
import { type Option, callsPackage, optionOf, registers, saysOption, stringOf, valueOf } from '../../../src/doctor/syntax.ts';

const named = /^(?:__(?:Host|Secure)-)?(?:[\w.-]*(?:session|sess|sid|jwt|access[_-]?token|refresh[_-]?token|id[_-]?token|auth)|token)(?:[_-]?id)?$/i;

interface CookieOptions {
  readonly at: ts.Node;
  readonly option: (name: string) => Option;
  /** What stands where nothing is said. */
  readonly byDefault: { readonly httpOnly: boolean; readonly secure: boolean };
}

/** Options of the cookies that sessions stand on. */
const sessionCookies = (source: SourceText): CookieOptions[] =>
  source.calls.flatMap((call): CookieOptions[] => {
    const [first, second] = call.arguments;
    const of = (options: ts.Expression | undefined, ...path: string[]) => ({ at: call.expression, option: (name: string) => optionOf(options, ...path, name) });
    if (callsPackage(call, ['express-session'])) return [{ ...of(first, 'cookie'), byDefault: { httpOnly: true, secure: false } }];
    // By default Secure is what the connection is.
    if (callsPackage(call, ['cookie-session'])) return [{ ...of(first), byDefault: { httpOnly: true, secure: true } }];
    if (registers(call, ['@fastify/session'])) return [{ ...of(second, 'cookie'), byDefault: { httpOnly: true, secure: true } }];
    return [];
  });

/** Cookies that a handler sets itself and that name a session or a token. */
const ownCookies = (source: SourceText): CookieOptions[] =>
  source.calls.flatMap((call): CookieOptions[] => {
    const [name, value, options] = call.arguments;
    if (!/^(?:cookie|setCookie)$/.test(replyChain(call)?.at(-1) ?? '') || name === undefined || value === undefined) return [];
    const text = stringOf(name);
    if (text === undefined || !named.test(text) || /csrf|xsrf/i.test(text) || stringOf(value) === '' || value.kind === ts.SyntaxKind.NullKeyword) return [];
    return [{ at: call.expression, option: (attribute) => optionOf(options, attribute), byDefault: { httpOnly: false, secure: false } }];
  });

const lacks = ({ option, byDefault }: CookieOptions, attribute: 'httpOnly' | 'secure'): boolean => {
  const found = option(attribute);
  return found.kind === 'absent' ? !byDefault[attribute] : saysOption(found, false);
};

/** Set later, or for all cookies at once. */
const setElsewhere = (attribute: 'httpOnly' | 'secure'): RegExp => new RegExp(`cookie[?!]?\\.${attribute}\\s*=|parseOptions`);

const attributeCheck = (attribute: 'httpOnly' | 'secure', rest: Pick<Check, 'id' | 'title' | 'advice' | 'cwe' | 'asvs'>): Check => ({
  ...rest,
  item: 'B4',
  severity: 'medium',
  file: {
    mentions: /session|cookie/i,
    *look(source, { mentions }): Iterable<Hit> {
      if (mentions(setElsewhere(attribute))) return;
      for (const cookie of [...sessionCookies(source), ...ownCookies(source)]) if (lacks(cookie, attribute)) yield { at: cookie.at, saw: `the cookie is set without ${attribute === 'httpOnly' ? 'HttpOnly' : 'Secure'}` };
    },
  },
});

const scriptable = attributeCheck('httpOnly', {
  id: 'session-cookie-readable-by-scripts',
  title: 'Scripts can read the cookie of a session',
  advice: 'Set httpOnly: true.',
  cwe: ['CWE-1004'],
  asvs: ['V3.3.4'],
});

const clear = attributeCheck('secure', {
  id: 'session-cookie-in-clear-text',
  title: 'The cookie of a session is sent over http too',
  advice: "Set secure: true (in development: secure: process.env.NODE_ENV === 'production').",
  cwe: ['CWE-614'],
  asvs: ['V3.3.1'],
});

const packages = ['jsonwebtoken', 'express-jwt', 'jose'];

const algorithms: Check = {
  id: 'token-of-any-algorithm',
  item: 'Q418',
  title: 'A signed token is accepted whatever algorithm it names',
  severity: 'medium',
  cwe: ['CWE-347', 'CWE-327'],
  asvs: ['V9.1.2'],
  advice: "Say which: jwt.verify(token, key, { algorithms: ['RS256'] }).",
  file: {
    mentions: /jsonwebtoken/,
    *look(source, { packages: ranges }) {
      for (const call of source.calls) {
        if (!callsPackage(call, ['jsonwebtoken'], ['verify']) || call.arguments.length < 2) continue;
        const third = call.arguments[2];
        const isCallback = third !== undefined && (ts.isArrowFunction(valueOf(third)) || ts.isFunctionExpression(valueOf(third)));
        if (optionOf(isCallback ? undefined : third, 'algorithms').kind !== 'absent') continue;
        // Version 9 takes only algorithms of the kind that the key is for; before, a public key did as a shared secret.
        const isOld = Number(/\d+/.exec(ranges.get('jsonwebtoken') ?? '')?.[0] ?? 9) < 9;
        yield { at: call.expression, saw: '`verify` is called without `algorithms`', severity: isOld ? 'high' : 'medium' };
      }
    },
  },
};

const unsigned: Check = {
  id: 'token-unsigned',
  item: 'Q418',
  title: 'Tokens without a signature are accepted',
  severity: 'critical',
  cwe: ['CWE-347'],
  asvs: ['V9.1.1', 'V9.1.2'],
  advice: "Take 'none' out of the algorithms.",
  file: {
    mentions: /["'`]none["'`]/i,
    *look(source) {
      for (const call of source.calls) {
        if (!callsPackage(call, packages, ['verify', 'default', 'expressjwt', 'jwtVerify'])) continue;
        for (const options of call.arguments) {
          const found = optionOf(options, 'algorithms');
          const list = found.kind === 'value' ? valueOf(found.value) : undefined;
          if (list === undefined || !ts.isArrayLiteralExpression(list)) continue;
          const none = list.elements.find((element) => stringOf(element)?.toLowerCase() === 'none');
          if (none !== undefined) yield { at: none, saw: "'none' is among the algorithms" };
        }
      }
    },
  },
};

const endless: Check = {
  id: 'token-expiry-ignored',
  item: 'Q436',
  title: 'Tokens are accepted after they expired',
  severity: 'medium',
  cwe: ['CWE-613'],
  asvs: ['V9.2.1'],
  advice: 'Take ignoreExpiration out; give those who need longer a refresh token.',
  file: {
    mentions: /ignoreExpiration/,
    *look(source) {
      for (const call of source.calls) {
        if (!callsPackage(call, ['jsonwebtoken'], ['verify'])) continue;
        // To refresh, or to sign out, an expired token is looked at with good reason.
        const option = optionOf(call.arguments[2], 'ignoreExpiration');
        if (option.kind === 'value' && saysOption(option, true) && !/refresh|logout|sign_?out|revoke|expire/i.test(enclosingName(call))) yield { at: option.value, saw: '`ignoreExpiration: true`' };
      }
    },
  },
};

/** The name of what is around a call, and the path of the route that it is in. */
const enclosingName = (node: ts.Node): string => {
  const names: string[] = [];
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if ((ts.isFunctionDeclaration(current) || ts.isMethodDeclaration(current) || ts.isVariableDeclaration(current)) && current.name !== undefined) names.push(current.name.getText());
    if (ts.isCallExpression(current)) names.push(stringOf(current.arguments[0]) ?? '');
  }
  return names.join(' ');
};

const probe: Probe = {
  id: 'server-sets-scriptable-session',
  item: 'B4',
  title: 'The running server sets a session cookie that scripts can read',
  severity: 'medium',
  advice: 'Set httpOnly: true.',
  cwe: ['CWE-1004'],
  asvs: ['V3.3.4'],
  asks: [{ method: 'GET', path: '/' }],
  judge: (replies) => {
    const cookies = replies.flatMap(({ headers }) => headers['set-cookie'] ?? []);
    const open = cookies.find((cookie) => named.test(cookie.split('=')[0] ?? '') && !/csrf|xsrf/i.test(cookie.split('=')[0] ?? '') && !/;\s*httponly/i.test(cookie));
    return open === undefined ? undefined : { saw: `GET / sets the cookie ${open.split('=')[0]} without HttpOnly` };
  },
};

export const doctor: Doctor = { checks: [scriptable, clear, algorithms, unsigned, endless], probes: [probe] };
