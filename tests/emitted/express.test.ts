import { proveTarget } from './proof.ts';

proveTarget('express');
