import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import { replyChain, untrusted } from '../../../src/doctor/request.ts';
import { callsPackage, functionAround, optionOf, piecesOf, saysOption } from '../../../src/doctor/syntax.ts';

const echoed: Check = {
  id: 'markup-from-request',
  item: 'Q409',
  title: 'Text of a client is sent as markup',
  severity: 'high',
  cwe: ['CWE-79'],
  advice: 'Render it by a template engine that escapes, or answer with JSON.',
  file: {
    mentions: /<\w|text\/html/,
    *look(source, repository): Iterable<Hit> {
      for (const call of source.calls) {
        const chain = replyChain(call);
        const [body] = call.arguments;
        if (chain === undefined || body === undefined || !['send', 'end', 'write'].includes(chain.at(-1) ?? '')) continue;
        const pieces = piecesOf(body);
        const isMarkup = pieces.some((piece) => typeof piece === 'string' && /<[a-z!/]/i.test(piece));
        // Express sends texts as HTML; Fastify, and `end`, only when told so.
        const around = functionAround(call)?.getText() ?? '';
        const isPage = (repository.target === 'express' && chain.at(-1) === 'send' && !/\.(?:type|contentType)\(|content-type/i.test(around)) || /text\/html|type\(["']html/i.test(around);
        if (!isMarkup || !isPage) continue;
        for (const piece of pieces) {
          const found = typeof piece === 'string' ? undefined : untrusted(piece, call, source, repository);
          if (found !== undefined && typeof piece !== 'string') yield { at: piece, saw: `\`${found.text}\` stands in the markup as the client sent it` };
        }
      }
    },
  },
};

const engines = ['ejs', 'pug', 'handlebars', 'nunjucks', 'eta', 'mustache', 'dot', 'lodash', 'liquidjs'];

const template: Check = {
  id: 'template-from-request',
  item: 'B1',
  title: 'A client writes the template',
  severity: 'critical',
  cwe: ['CWE-1336', 'CWE-94'],
  advice: 'Templates are files of the project; what clients send is given to them as data.',
  file: {
    mentions: /ejs|pug|handlebars|nunjucks|eta|mustache|lodash|liquid/i,
    *look(source, repository): Iterable<Hit> {
      for (const call of source.calls) {
        const [text] = call.arguments;
        if (text === undefined || !callsPackage(call, engines, ['render', 'compile', 'renderString', 'template', 'renderFile'])) continue;
        const found = piecesOf(text).flatMap((piece) => (typeof piece === 'string' ? [] : (untrusted(piece, call, source, repository) ?? [])))[0];
        if (found !== undefined) yield { at: call, saw: `\`${found.text}\`, as the client sent it, is the template` };
      }
    },
  },
};

const unescaped: Check = {
  id: 'template-engine-does-not-escape',
  item: 'B1',
  title: 'The template engine does not escape',
  severity: 'medium',
  cwe: ['CWE-79', 'CWE-116'],
  advice: 'Take `autoescape: false` out; mark what is safe, one by one.',
  file: {
    mentions: /autoescape/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        if (!callsPackage(call, ['nunjucks'], ['configure'])) continue;
        // With `express` it renders pages; without, it may as well write mails or code.
        const options = call.arguments.find((argument) => optionOf(argument, 'express').kind === 'value');
        const autoescape = optionOf(options, 'autoescape');
        if (autoescape.kind === 'value' && saysOption(autoescape, false)) yield { at: autoescape.value, saw: '`autoescape: false` for the pages of the app' };
      }
    },
  },
};

export const doctor: Doctor = { checks: [echoed, template, unescaped] };
