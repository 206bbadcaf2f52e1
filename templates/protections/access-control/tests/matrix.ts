import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RoutePolicy } from '#src/protections/app-core/route.ts';
import type { TestApp } from '#tests/support/app.ts';
import { type Received, send } from '#tests/support/http.ts';

type Headers = Record<string, string>;
type Params = Readonly<Record<string, string>>;

/**
 * How to make an object that belongs to somebody. Needed for every route of users that has a parameter in its path:
 * declare it in `tests/support/<name>/objects.ts`, and the matrix tries the objects of one user as another.
 */
export interface OwnedObject {
  /** The path of the object; the routes below it are tried too. */
  readonly path: string;
  /** Its owner and somebody else, as the headers of their requests: for routes that ask for a session. Absent: test identities. */
  people?(app: TestApp): Promise<readonly [owner: Headers, other: Headers]>;
  /** Makes one for the user of `headers`. */
  create(app: TestApp, headers: Headers): Promise<Params>;
  /** What its owner sees of it, to compare before and after. */
  state(app: TestApp, headers: Headers, params: Params): Promise<string>;
  /** A valid body for each route that takes one, by `METHOD path`. */
  readonly bodies: Readonly<Record<string, unknown>>;
}

const declared: OwnedObject[] = [];

/** Adds an object to the matrix. */
export const ownedObject = (object: OwnedObject): void => void declared.push(object);

/** Every object that this project declares. */
export const ownedObjects = async (): Promise<readonly OwnedObject[]> => {
  const support = join(import.meta.dirname, '..');
  for (const file of await readdir(support, { recursive: true })) {
    if (/(^|[/\\])objects\.ts$/.test(file)) await import(pathToFileURL(join(support, file)).href);
  }
  return declared;
};

/** `METHOD path`, the name of a route. */
export const nameOf = ({ method, fullPath }: RoutePolicy): string => `${method} ${fullPath}`;

const ofUsersObjects = ({ access, fullPath }: RoutePolicy): boolean => access === 'user' && fullPath.includes('/:');

const isBelow = (path: string, object: OwnedObject): boolean => path === object.path || path.startsWith(`${object.path}/`);

/** What keeps the matrix from being whole, one sentence each: routes of users' objects that nothing can try. */
export const matrixGaps = (inventory: readonly RoutePolicy[], objects: readonly OwnedObject[]): string[] =>
  inventory.filter(ofUsersObjects).flatMap((policy) => {
    const object = objects.find((candidate) => isBelow(policy.fullPath, candidate));
    if (object === undefined) return [`${nameOf(policy)} takes an id, but no tests/support/*/objects.ts says how to make such an object`];
    return policy.input.body !== undefined && object.bodies[nameOf(policy)] === undefined
      ? [`${nameOf(policy)} takes a body, but there is no example of one`]
      : [];
  });

/** One cell of the matrix. */
export interface Cell {
  readonly object: OwnedObject;
  readonly policy: RoutePolicy;
  /** GET is tried as HEAD too. */
  readonly method: string;
}

/** Every route to every kind of object. */
export const cellsOf = (inventory: readonly RoutePolicy[], objects: readonly OwnedObject[]): Cell[] =>
  inventory.filter(ofUsersObjects).flatMap((policy) => {
    const methods = policy.method === 'GET' ? ['GET', 'HEAD'] : [policy.method];
    return objects
      .filter((object) => isBelow(policy.fullPath, object))
      .flatMap((object) => methods.map((method) => ({ object, policy, method })));
  });

/** The path of a route with its parameters filled in; unknown ones are random. */
export const pathWith = ({ fullPath }: RoutePolicy, params: Params = {}): string =>
  fullPath.replaceAll(/:(\w+)/g, (_placeholder, name: string) => encodeURIComponent(params[name] ?? randomUUID()));

/** Sends what a cell stands for. */
export const tryCell = (app: TestApp, { object, policy, method }: Cell, headers: Headers, params: Params): Promise<Received> => {
  const body = object.bodies[nameOf(policy)];
  return send(app, method, pathWith(policy, params), { headers, ...(body === undefined ? {} : { body }) });
};

/** Routes that the page of the inventory has and the app has not, or the other way round. */
export const driftFrom = (page: string, inventory: readonly RoutePolicy[]): string[] => {
  const rows = page.matchAll(/^\| ([A-Z]+) \| `([^`]+)` \| ([^|]+) \|/gm);
  const written = new Set([...rows].map(([, method, path, access]) => `${method} ${path} ${access?.trim()}`));
  const running = new Set(inventory.map((policy) => `${nameOf(policy)} ${policy.access}`));
  const differing = [...[...written].filter((row) => !running.has(row)), ...[...running].filter((row) => !written.has(row))];
  return differing.toSorted((a, b) => (a < b ? -1 : 1));
};
