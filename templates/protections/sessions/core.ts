import type { AppContext } from '#src/context.ts';
import { sealedColumns } from '#src/protections/encryption/sealed-columns.ts';
import { cacheOf } from './cache.ts';
import { dataColumn } from './data.ts';
import { bearerIdentity, readBearer } from './native/bearer.ts';
import { requireStepUp } from './policy.ts';
import { readSession, sessionIdentity } from './read.ts';

/** Finds out who is signed in, by cookie or by token as the route says, and asks for a fresh proof where it says so. */
export const installSessions = (app: AppContext): void => {
  // Listening begins with the app, not with the first request.
  cacheOf(app);
  sealedColumns(app).register(dataColumn);
  app.routing.guard('session', readSession);
  app.routing.guard('session', readBearer);
  app.routing.guard('access', requireStepUp);
  app.routing.identities.push(sessionIdentity, bearerIdentity);
};
