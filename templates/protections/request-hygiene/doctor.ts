import { ts } from 'ts-morph';
import type { Check, Doctor, Hit } from '../../../src/doctor/check.ts';
import { callsPackage, numberOf, optionOf, plain, saysOption, stringOf } from '../../../src/doctor/syntax.ts';

const lenient: Check = {
  id: 'lenient-http-parser',
  item: 'Q443',
  title: 'Requests that break HTTP are accepted',
  severity: 'high',
  cwe: ['CWE-444'],
  advice: 'Take insecureHTTPParser out: a proxy in front may read such a request differently.',
  file: {
    mentions: /insecureHTTPParser/,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        if (!callsPackage(call, ['http', 'https'], ['createServer'])) continue;
        const option = optionOf(call.arguments[0], 'insecureHTTPParser');
        if (option.kind === 'value' && saysOption(option, true)) yield { at: option.value, saw: '`insecureHTTPParser: true`' };
      }
    },
  },
};

const units: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 };

/** Bytes, as the package bytes reads them: `100kb`, `1gb`, 1024. */
const bytesOf = (node: ts.Expression): number | undefined => {
  const [, number, unit = 'b'] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?b)?\s*$/i.exec(stringOf(node) ?? '') ?? [];
  return number === undefined ? numberOf(node) : Number(number) * (units[unit.toLowerCase()] ?? 1);
};

/** A body of that size is kept in memory, as often as there are requests at once. */
const tooMuch = 100 * 2 ** 20;

const bodies: Check = {
  id: 'body-without-limit',
  item: 'Q443',
  title: 'Bodies fill the memory',
  severity: 'medium',
  cwe: ['CWE-770', 'CWE-400'],
  asvs: ['V15.2.2'],
  advice: 'Keep the default of 100 kB (Fastify: 1 MiB), and stream what is larger.',
  file: {
    mentions: /limit/i,
    *look(source): Iterable<Hit> {
      for (const call of source.calls) {
        const isParser = callsPackage(call, ['express', 'body-parser'], ['json', 'urlencoded', 'raw', 'text']);
        const isApp = callsPackage(call, ['fastify'], ['default', 'fastify', 'Fastify']);
        const option = isParser || isApp ? optionOf(call.arguments[0], isParser ? 'limit' : 'bodyLimit') : undefined;
        const bytes = option?.kind === 'value' ? bytesOf(option.value) : undefined;
        if (option?.kind === 'value' && bytes !== undefined && bytes >= tooMuch) yield { at: option.value, saw: `bodies of ${plain(option.value).getText()} are read into memory` };
      }
    },
  },
};

const slow: Check = {
  id: 'slow-requests-never-end',
  item: 'Q443',
  title: 'Slow senders keep connections for ever',
  severity: 'medium',
  cwe: ['CWE-400', 'CWE-770'],
  asvs: ['V13.4.4', 'V15.2.2'],
  advice: 'Leave the defaults of Node: 60 s for the head, 300 s for the request.',
  file: {
    mentions: /requestTimeout|headersTimeout/,
    *look(source): Iterable<Hit> {
      // Only both together switch the watch off.
      const zero = source.all(ts.isBinaryExpression).filter(({ left, right, operatorToken }) => operatorToken.kind === ts.SyntaxKind.EqualsToken && /\.(?:requestTimeout|headersTimeout)$/.test(left.getText()) && numberOf(right) === 0);
      const names = new Set(zero.map(({ left }) => left.getText().split('.').at(-1)));
      const [first] = zero;
      if (first !== undefined && names.size === 2) yield { at: first, saw: '`requestTimeout` and `headersTimeout` are 0' };
    },
  },
};

export const doctor: Doctor = { checks: [lenient, bodies, slow] };
