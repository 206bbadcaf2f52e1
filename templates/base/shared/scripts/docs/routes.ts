import { type RouteModule, type RouteSpec, joinPath } from '#src/protections/app-core/route.ts';
import type { RouteFacts } from './pages.ts';

/** A route as the pages show it. */
export const routeFact = (path: string, { method, access, limits = [], input, summary }: RouteSpec): RouteFacts => ({
  method,
  path,
  access,
  limits,
  input: Object.keys(input),
  summary,
});

/** The routes of a module. */
export const routeFacts = ({ prefix, routes }: RouteModule): RouteFacts[] => routes.map(({ spec }) => routeFact(joinPath(prefix, spec.path), spec));
