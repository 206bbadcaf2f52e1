import type { Server } from 'node:http';
import type { AppContext } from '#src/context.ts';
import { guardAccess, hideInternal } from './access.ts';
import { devIdentity } from './dev-identity.ts';
import { identifyCaller } from './identify.ts';
import { openInternalListener, serviceIdentity } from './internal-listener.ts';
import { compileOutput } from './output.ts';

/** Puts every route behind the question who may call it, and every answer behind its schema. */
export const installAccessControl = ({ config, log, routing }: AppContext, server: Server): void => {
  routing.guard('session', hideInternal);
  routing.guard('identity', identifyCaller);
  routing.guard('access', guardAccess);
  routing.provide({ compileOutput });
  if (config.DEV_IDENTITY) routing.identities.push(devIdentity);
  const listener = openInternalListener(server, config);
  if (listener === undefined) return;
  routing.identities.push(serviceIdentity(config));
  listener.on('listening', () => log.info({ address: listener.address() }, 'the internal listener listens'));
};
