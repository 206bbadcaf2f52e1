import { proveTarget } from './proof.ts';

proveTarget('fastify');
