import { ts } from 'ts-morph';
import type { Check, Doctor, Probe, Reply } from '../../../src/doctor/check.ts';
import { callsPackage, optionOf, registers, saysOption, stringOf, valueOf } from '../../../src/doctor/syntax.ts';
import type { SourceText } from '../../../src/doctor/source-text.ts';

const setters = ['helmet', '@fastify/helmet', 'lusca'];
const anyHeader = /x-content-type-options|content-security-policy|x-frame-options|strict-transport-security|contentSecurityPolicy|nosniff|\bhelmet\b/i;
const servesPages = /\.render\(|\.sendFile\(|text\/html|express\.static|@fastify\/(?:static|view)|\.viewAsync\(|\.view\(|<html|<!doctype/i;

const missing: Check = {
  id: 'security-headers-missing',
  item: 'B5',
  title: 'No answer carries security headers',
  severity: 'medium',
  advice: 'Register helmet (or @fastify/helmet) before the routes.',
  missing: ({ present, mentions, target }) =>
    setters.some((name) => present.has(name)) || mentions(anyHeader) ? undefined : { saw: `nothing sets X-Content-Type-Options, Content-Security-Policy or Strict-Transport-Security${target === 'express' ? ', and X-Powered-By is sent' : ''}` },
};

/** Options of every registration of helmet in a file. */
const helmetOptions = (source: SourceText): readonly ts.Expression[] =>
  source.calls.flatMap((call) => {
    const [first, second] = call.arguments;
    if (callsPackage(call, ['helmet']) && first !== undefined) return [first];
    return second !== undefined && registers(call, ['@fastify/helmet']) ? [second] : [];
  });

const policyOff: Check = {
  id: 'content-security-policy-off',
  item: 'B5',
  title: 'The content security policy is switched off',
  severity: 'medium',
  cwe: ['CWE-693', 'CWE-1021'],
  asvs: ['V3.4.3', 'V3.4.6'],
  advice: 'Leave the default policy of helmet on, and add what your pages really load.',
  file: {
    mentions: /contentSecurityPolicy/,
    *look(source, { mentions }) {
      if (mentions(/["'`]content-security-policy/i)) return;
      for (const options of helmetOptions(source)) {
        const policy = optionOf(options, 'contentSecurityPolicy');
        if (policy.kind !== 'value' || !saysOption(policy, false)) continue;
        // Answers that no browser shows as a page need a policy less.
        yield { at: policy.value, saw: '`contentSecurityPolicy: false`, and nothing else sets a policy', severity: mentions(servesPages) ? 'medium' : 'low' };
      }
    },
  },
};

const inlineScripts: Check = {
  id: 'content-security-policy-inline-scripts',
  item: 'B5',
  title: 'The content security policy allows any inline script',
  severity: 'medium',
  cwe: ['CWE-79', 'CWE-693'],
  asvs: ['V3.4.3'],
  advice: 'Use nonces or hashes for inline scripts, and take \'unsafe-inline\' out of script-src.',
  file: {
    mentions: /unsafe-inline/,
    *look(source) {
      for (const options of helmetOptions(source)) {
        for (const name of ['scriptSrc', 'script-src']) {
          const sources = optionOf(options, 'contentSecurityPolicy', 'directives', name);
          const list = sources.kind === 'value' ? valueOf(sources.value) : undefined;
          if (list === undefined || !ts.isArrayLiteralExpression(list)) continue;
          const texts = list.elements.map((element) => stringOf(element));
          // Beside a nonce or a hash, browsers ignore it; what is not a plain string may be one.
          if (texts.includes("'unsafe-inline'") && texts.every((text) => text !== undefined && !/^'(?:nonce|sha\d+|strict-dynamic)/.test(text))) yield { at: list, saw: `\`${name}\` lists 'unsafe-inline' without a nonce or hash` };
        }
      }
    },
  },
};

const nosniff: Probe = {
  id: 'answers-without-headers',
  item: 'B5',
  title: 'Answers of the running server carry no security headers',
  severity: 'medium',
  advice: 'Register helmet (or @fastify/helmet) before the routes.',
  asks: [{ method: 'GET', path: '/' }],
  judge: ([reply]) => (reply === undefined || has(reply, 'x-content-type-options', /nosniff/i) ? undefined : { saw: 'GET / is answered without X-Content-Type-Options: nosniff' }),
};

const pages: Probe = {
  id: 'page-without-policy',
  item: 'Q415',
  title: 'A page of the running server can be framed by any site',
  severity: 'medium',
  advice: 'Send Content-Security-Policy with frame-ancestors, or X-Frame-Options.',
  asks: [{ method: 'GET', path: '/' }],
  judge: ([reply]) => {
    if (reply === undefined || reply.status >= 300 || !has(reply, 'content-type', /text\/html/i)) return undefined;
    return has(reply, 'content-security-policy', /frame-ancestors/i) || has(reply, 'x-frame-options', /deny|sameorigin/i) ? undefined : { saw: 'the page at / is sent with neither frame-ancestors nor X-Frame-Options' };
  },
};

const poweredBy: Probe = {
  id: 'answers-name-the-framework',
  item: 'Q421',
  title: 'The running server names what it is made with',
  severity: 'low',
  cwe: ['CWE-497'],
  asvs: ['V13.4.6'],
  advice: "app.disable('x-powered-by')",
  asks: [{ method: 'GET', path: '/' }],
  judge: ([reply]) => (reply !== undefined && has(reply, 'x-powered-by', /./) ? { saw: 'GET / is answered with X-Powered-By' } : undefined),
};

const has = ({ headers }: Reply, name: string, value: RegExp): boolean => (headers[name] ?? []).some((text) => value.test(text));

export const doctor: Doctor = { checks: [missing, policyOff, inlineScripts], probes: [nosniff, pages, poweredBy] };
