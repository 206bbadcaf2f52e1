import { migration as migration0001 } from './0001_a.ts';
import { migration as migration0006 } from './0006_f.ts';

export const migrations = {
  '0001_a': migration0001,
  '0006_f': migration0006,
};
