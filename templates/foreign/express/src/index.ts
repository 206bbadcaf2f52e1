import type { Application, Express } from 'express';
import type { AppContext } from '#src/context.ts';
import { type Parts, createContext } from '#src/http/assemble.ts';
import { installAll } from '#src/http/binding.ts';
import { answerLeftover } from '#src/http/last-resort.ts';
import { consoleLog } from '#src/http/log.ts';
import { protections } from '#src/protections/index.ts';

const contexts = new WeakMap<object, AppContext>();

const isExpress = (app: Application): app is Express => 'request' in app && 'response' in app;

/**
 * Puts the protections of the registry into `app`. Stands right behind the line that makes the app: middleware before it would
 * run unprotected.
 * @throws ConfigError that lists everything that makes this start unsafe.
 */
export const secureApp = (app: Application, parts: Parts = {}): AppContext => {
  if (!isExpress(app)) throw new TypeError('This is not an Express app.');
  const context = createContext(consoleLog, parts);
  installAll(protections, app, context);
  app.use(answerLeftover);
  contexts.set(app, context);
  return context;
};

/**
 * Puts behind the routes what answers when none of them did, and when one fails. Stands behind the last of them.
 * @throws Error when `secureApp` did not see the app before.
 */
export const secureErrors = (app: Application): void => {
  const context = contexts.get(app);
  if (context === undefined || !isExpress(app)) throw new Error('secureApp(app) must stand before secureErrors(app).');
  for (const binding of protections) binding.installLast?.(app, context);
};
