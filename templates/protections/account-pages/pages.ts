import Type, { type TSchema, type TString } from 'typebox';
import { wantsPage } from '#src/protections/app-core/browser.ts';
import type { Problem } from '#src/protections/app-core/problem.ts';
import type { Reply } from '#src/protections/app-core/reply.ts';
import { type Handler, type Route, type RouteModule, type RoutePolicy, type RouteSpec, type ShowProblem, defineModule, route } from '#src/protections/app-core/route.ts';
import { type OwnPath, isOwnPath, ownPath } from '#src/protections/host-check/own-path.ts';
import { askToSignIn, redirectTo } from '#src/protections/redirects/core.ts';
import { sessionOf } from '#src/protections/sessions/current.ts';
import type { Given } from '#src/protections/sessions/given.ts';
import { forms } from '#src/protections/validation/form.ts';
import { complaintOf } from './complaint.ts';
import type { FormState } from './form.ts';
import { type Page, show } from './layout.ts';
import { paths, withQuery } from './paths.ts';

/** Makes a page; the same one shows a form for the first time, and again with what was wrong. */
export type View = (given: Given, state: FormState) => Page | Promise<Page>;

/** A route, and what stands in the place of its refusals. */
export interface PageRoute {
  readonly route: Route;
  readonly view: View;
  /** Where a person goes on after proving once more who they are. */
  readonly home: OwnPath;
}

type Common = Pick<RouteSpec, 'access' | 'admits' | 'stepUp' | 'limits' | 'signsIn' | 'summary'>;

interface PageSpec extends Common {
  readonly path: OwnPath;
  readonly query?: TSchema;
  readonly view: View;
  /** Where somebody goes at once who does not need the page. */
  readonly unless?: (given: Given, values: FormState['values']) => OwnPath | undefined;
}

/** A page that is opened by its address. Opening it changes nothing: programs that look into mails open addresses too. */
export const page = ({ path, query, view, unless, ...common }: PageSpec): PageRoute => ({
  route: route({ ...common, method: 'GET', path, input: query === undefined ? {} : { query }, output: Type.String() }, async (given) => {
    const values = textsOf(Reflect.get(given.input, 'query'));
    const elsewhere = unless?.(given, values);
    return elsewhere === undefined ? show(given, await view(given, { values })) : redirectTo(elsewhere);
  }),
  view,
  home: path,
});

interface FormSpec<B extends TSchema> extends Common {
  readonly path: OwnPath;
  readonly body: B;
  readonly view: View;
  /** The page that the form stands on, where it is not at the same address. */
  readonly on?: OwnPath;
}

/** What a form does. It answers by sending the browser on (303), so that reloading repeats nothing. */
export const posted = <B extends TSchema>({ path, body, view, on, ...common }: FormSpec<B>, act: Handler<{ body: B }, TString>): PageRoute => ({
  route: route({ ...common, method: 'POST', path, input: { body }, output: Type.String() }, act),
  view,
  home: on ?? path,
});

/** The texts of a form or a query, whatever else it holds. */
const textsOf = (sent: unknown): Record<string, string> =>
  typeof sent === 'object' && sent !== null ? Object.fromEntries(Object.entries(sent).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))) : {};

/** All pages, and what they load, as one module; its refusals are pages too. */
export const pagesModule = (pages: readonly PageRoute[], others: readonly Route[]): RouteModule => {
  const byName = new Map(pages.map((each) => [nameOf(each.route.spec.method, each.route.spec.path), each]));
  const showProblem: ShowProblem = async (problem, { app, context, request, raw }) => {
    const given: Given = { app, context, request };
    const found = context.route === undefined ? undefined : byName.get(nameOf(context.route.method, context.route.fullPath));
    if (found === undefined || context.route === undefined || !isForPeople(problem, given)) return undefined;
    const elsewhere = detour(problem, given, context.route, found);
    if (elsewhere !== undefined) return elsewhere;
    const values = context.route.method === 'GET' ? Object.fromEntries(new URLSearchParams(raw.search)) : textsOf(raw.body);
    const complaint = complaintOf(problem, values);
    const shown = await found.view(given, { values, complaint });
    return show(given, { ...shown, complaint: complaint.message }, problem.status, problem.headers);
  };
  return defineModule({ id: 'account-pages', prefix: '/', reads: [forms], showProblem, routes: [...pages.map((each) => each.route), ...others] });
};

const nameOf = (method: string, path: string): string => `${method} ${path}`;

/** Failures of the server, what another site sent, and what programs ask for, are answered as everywhere in the app. */
const isForPeople = ({ status, extensions }: Problem, { request }: Given): boolean =>
  status < 500 && extensions['code'] !== 'cross_site_request' && wantsPage(request);

/** The page that has to come first: to sign in, to type the second code, to prove once more who is there. */
const detour = ({ extensions: { code } }: Problem, { context, request }: Given, { access }: RoutePolicy, { home }: PageRoute): Reply<never> | undefined => {
  if (code === 'second_factor_required') return redirectTo(paths.code);
  if (code === 'password_change_required') return redirectTo(paths.password);
  if (code === 'step_up_required') return redirectTo(withQuery(paths.stepUp, { next: request.method === 'GET' ? ownPathOr(request.url, home) : home }));
  if (access !== 'public' && sessionOf(context) === undefined) return askToSignIn(request, paths.signIn);
  return undefined;
};

const ownPathOr = (text: string | undefined, other: OwnPath): OwnPath => (text !== undefined && isOwnPath(text) ? ownPath(text) : other);
