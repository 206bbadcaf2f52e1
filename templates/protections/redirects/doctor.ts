import type { Check, Doctor } from '../../../src/doctor/check.ts';
import { replyChain, untrusted } from '../../../src/doctor/request.ts';
import { piecesOf } from '../../../src/doctor/syntax.ts';

const open: Check = {
  id: 'open-redirect',
  item: 'Q441',
  title: 'A redirect leads wherever the client says',
  severity: 'medium',
  advice: 'Redirect only to paths of your own: pass what came from the client through safeRedirect, or choose from a list.',
  file: {
    mentions: /redirect|location/i,
    *look(source, repository) {
      for (const call of source.calls) {
        const method = replyChain(call)?.at(-1);
        if (method !== 'redirect' && method !== 'location') continue;
        // `redirect(status, url)`, and in Fastify 5 `redirect(url, status)`.
        for (const argument of call.arguments) {
          const [first, second] = piecesOf(argument);
          // `'/' + next` is `//host` when next begins with a slash.
          const decides = first === '/' ? second : first;
          if (decides === undefined || typeof decides === 'string') continue;
          const found = untrusted(decides, call, source, repository);
          if (found !== undefined) yield { at: argument, saw: `\`${method}\` is given \`${found.text}\` as the client sent it` };
        }
      }
    },
  },
};

export const doctor: Doctor = { checks: [open] };
