import type { Method, RoutePolicy } from '../app-core/route.ts';

/** Listeners and callers that no browser is: what they may call is not shown to scripts. */
const notForBrowsers: ReadonlySet<string> = new Set(['internal', 'service']);

/** The methods of the routes at this URL, sorted; empty where there is no route. */
export const methodsAt = (inventory: readonly RoutePolicy[], url: string): readonly Method[] => {
  const path = url.split('?', 1)[0] ?? '';
  const found = inventory.filter(({ access, fullPath }) => !notForBrowsers.has(access) && matches(fullPath, path));
  return [...new Set(found.map(({ method }) => method))].toSorted((a, b) => (a < b ? -1 : 1));
};

/** Both routers compare segment by segment, with case; a placeholder takes any segment that is not empty. */
const matches = (pattern: string, path: string): boolean => {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((segment, index) => (segment.startsWith(':') ? given[index] !== '' : segment === given[index]));
};
