import { proveInBrowser } from './prove.ts';

proveInBrowser('express');
