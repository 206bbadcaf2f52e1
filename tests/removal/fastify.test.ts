import { proveRemoval } from './prove-removal.ts';

proveRemoval('fastify');
