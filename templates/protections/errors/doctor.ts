import { ts } from 'ts-morph';
import type { Check, Doctor, Probe } from '../../../src/doctor/check.ts';
import { isCaught, replyChain } from '../../../src/doctor/request.ts';
import { callsPackage, isConditional, namesAround } from '../../../src/doctor/syntax.ts';

const sends: ReadonlySet<string> = new Set(['send', 'json', 'end', 'write', 'render', 'jsonp']);

const stack: Check = {
  id: 'stack-sent-to-client',
  item: 'Q465',
  title: 'The stack of an error is sent to the client',
  severity: 'medium',
  advice: 'Log the stack; answer with a general message and an id.',
  file: {
    mentions: /\.stack\b/,
    *look(source) {
      for (const access of source.all(ts.isPropertyAccessExpression)) {
        if (access.name.text !== 'stack' || !isCaught(access.expression)) continue;
        const call = sentIn(access);
        // One that is for development says so by its name.
        if (call !== undefined && !isConditional(access) && !/dev|debug|verbose/i.test(namesAround(access))) yield { at: access, saw: `\`${access.getText()}\` is part of the answer` };
      }
    },
  },
};

/** The call that sends what a node is a part of: as it is, in an object, or in a text. */
const sentIn = (node: ts.Node): ts.CallExpression | undefined => {
  for (let current = node.parent; current !== undefined; current = current.parent) {
    if (ts.isCallExpression(current)) return sends.has(replyChain(current)?.at(-1) ?? '') ? current : undefined;
    if (!ts.isObjectLiteralExpression(current) && !ts.isPropertyAssignment(current) && !ts.isTemplateSpan(current) && !ts.isTemplateExpression(current) && !ts.isArrayLiteralExpression(current) && !ts.isParenthesizedExpression(current) && !ts.isBinaryExpression(current) && !ts.isAsExpression(current)) return undefined;
  }
  return undefined;
};

const forDevelopers: Check = {
  id: 'error-pages-for-developers',
  item: 'Q465',
  title: 'Error pages for developers are shown to everybody',
  severity: 'medium',
  advice: "Use errorhandler only where process.env.NODE_ENV === 'development'.",
  file: {
    mentions: /["']errorhandler["']/,
    *look(source) {
      for (const call of source.calls) if (callsPackage(call, ['errorhandler']) && !isConditional(call)) yield { at: call, saw: '`errorhandler()` is registered in every environment' };
    },
  },
};

const missing: Check = {
  id: 'error-handler-missing',
  item: 'Q465',
  title: 'What failed inside is told to the client',
  severity: 'medium',
  advice: 'Register an error handler that logs the error and answers with a general message.',
  missing: ({ target, mentions, present }) => {
    if (present.has('error handler') || mentions(/setErrorHandler|errorHandler|error-handler|ErrorRequestHandler|\berr(?:or)?\b[^()]{0,60},\s*_?req(?:uest)?\b/i)) return undefined;
    if (target === 'fastify') return { saw: 'there is no setErrorHandler: by default Fastify sends the message of whatever was thrown' };
    return { saw: 'there is no error handler: by default Express sends the stack, unless NODE_ENV is production', severity: 'low' };
  },
};

const probe: Probe = {
  id: 'server-sends-stack',
  item: 'Q465',
  title: 'The running server sends stacks to clients',
  severity: 'medium',
  advice: 'Register an error handler that answers with a general message, and run with NODE_ENV=production.',
  // Neither reaches a route: one does not parse, the other is no path.
  asks: [
    { method: 'GET', path: '/', headers: { 'Content-Type': 'application/json', 'Content-Length': '1' }, body: '{' },
    { method: 'GET', path: '/%E0%A4%A' },
  ],
  judge: (replies) => {
    const open = replies.find(({ status, body }) => status >= 400 && /\n?\s*(?:<br>|\\n)?\s*(?:&nbsp;\s*)*at (?:[\w.<>[\] ]+\()?(?:file:\/\/)?\/[^\s):]+:\d+:\d+/.test(body));
    return open === undefined ? undefined : { saw: `a request that does not parse is answered ${open.status} with a stack` };
  },
};

export const doctor: Doctor = { checks: [stack, forDevelopers, missing], probes: [probe] };
