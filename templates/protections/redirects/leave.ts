import { Type } from 'typebox';
import { escapeHtml } from '#src/protections/app-core/escape-html.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { page } from '#src/protections/app-core/reply.ts';
import { type RouteModule, defineModule, route } from '#src/protections/app-core/route.ts';

/**
 * The page that stands between a link and another host: `GET <prefix>/:id` shows where `id` leads and waits for a click.
 * The request chooses among `targets`, it never brings one (ASVS V3.7.3).
 * @throws Error for a target that is no https URL, or one that carries credentials.
 */
export const leaveModule = (targets: Readonly<Record<string, string>>, prefix = '/leave'): RouteModule => {
  const pages = new Map(Object.entries(targets).map(([id, target]) => [id, leavePage(parseTarget(id, target))]));
  return defineModule({
    id: 'leave',
    prefix,
    routes: [
      route(
        {
          method: 'GET',
          path: '/:id',
          access: 'public',
          input: { params: Type.Object({ id: Type.String() }, { additionalProperties: false }) },
          output: Type.String(),
          summary: 'Shows where an external link leads',
        },
        ({ input }) => {
          const html = pages.get(input.params.id);
          if (html === undefined) throw new Problem(404); // protect: Q441
          return page(html);
        },
      ),
    ],
  });
};

const parseTarget = (id: string, text: string): URL => {
  const url = URL.parse(text);
  if (url === null) throw new Error(`The external target ${id} is not a URL.`);
  // `https://bank.example@evil.example/` shows one host and leads to another.
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '';
  if (!isPlain) throw new Error(`The external target ${id} must be an https URL without credentials.`); // protect: Q441
  return url;
};

/** No script, no refresh: whoever leaves has read where to. The host stands alone, where nothing can disguise it. */
const leavePage = (target: URL): string => {
  const href = escapeHtml(target.href);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>You are leaving this site</title>
</head>
<body>
<main>
<h1>You are leaving this site</h1>
<p>The link leads to <strong>${escapeHtml(target.host)}</strong>:</p>
<p><a href="${href}" rel="noopener noreferrer nofollow">${href}</a></p>
<p><a href="/">Stay here</a></p>
</main>
</body>
</html>
`;
};
