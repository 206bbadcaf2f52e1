import Type from 'typebox';
import { wantsPage } from '#src/protections/app-core/browser.ts';
import { ok } from '#src/protections/app-core/reply.ts';
import { type ShowProblem, defineModule, route } from '#src/protections/app-core/route.ts';
import { pageReply } from '#src/protections/html/page.ts';
import { redirectTo } from '#src/protections/redirects/core.ts';
import { closed } from '#src/protections/validation/core.ts';
import { forms } from '#src/protections/validation/form.ts';
import { contactMail } from './mail.ts';
import { formPage, thanksPage } from './pages.ts';
import { contactPath, thanksPath } from './paths.ts';
import { Sent, receive } from './receive.ts';
import { newTicket, ticketAgain } from './ticket.ts';

const textsOf = (sent: unknown): Record<string, string> =>
  typeof sent === 'object' && sent !== null ? Object.fromEntries(Object.entries(sent).filter((field): field is [string, string] => typeof field[1] === 'string')) : {};

/** The form again, with what was typed and what was wrong; what another site sent, and programs, get the Problem. */
const showProblem: ShowProblem = (problem, { app, context, request, raw }) => {
  const isOfForm = context.route?.method === 'POST' && problem.status < 500 && problem.extensions['code'] !== 'cross_site_request';
  if (!isOfForm || !wantsPage(request)) return undefined;
  const values = textsOf(raw.body);
  const ticket = ticketAgain(app, values['ticket'] ?? '');
  return pageReply({ context }, formPage({ app, context, request }, { ticket, values, problem }), problem);
};

/** The contact form: a page, and the same for programs. */
export const module = defineModule({
  id: 'contact-form',
  prefix: contactPath,
  reads: [forms],
  jobs: [contactMail],
  showProblem,
  routes: [
    route({ method: 'GET', path: '/', access: 'public', input: {}, output: Type.String(), summary: 'Page: the contact form' }, (given) =>
      pageReply(given, formPage(given, { ticket: newTicket(given.app), values: {} })),
    ),
    route({ method: 'GET', path: '/thank-you', access: 'public', input: {}, output: Type.String(), summary: 'Page: the message is on its way' }, (given) =>
      pageReply(given, thanksPage(given)),
    ),
    route({ method: 'GET', path: '/ticket', access: 'public', input: {}, output: closed({ ticket: Type.String() }), summary: 'The ticket of a contact form that script shows' }, ({ app }) =>
      ok({ ticket: newTicket(app) }),
    ),
    route(
      {
        method: 'POST',
        path: '/',
        access: 'public',
        limits: ['contact'], // protect: Q431
        input: { body: Sent },
        output: closed({ message: Type.String() }),
        summary: 'Form: write to the owner of the site',
      },
      async (given) => {
        await receive(given, given.input.body);
        return wantsPage(given.request) ? redirectTo(thanksPath) : ok({ message: 'The message is on its way.' });
      },
    ),
  ],
});
