import { proveInBrowser } from './prove.ts';

proveInBrowser('fastify');
