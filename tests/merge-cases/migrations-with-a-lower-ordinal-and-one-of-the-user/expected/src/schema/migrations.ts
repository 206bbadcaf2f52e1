import { migration as migration0001 } from './0001_a.ts';
import { migration as migration0003 } from './0003_c.ts';
import { migration as migration0006 } from './0006_f.ts';
import { migration as migration0007 } from './0007_g.ts';
import { migration as migration9001 } from '#src/mine/9001.ts';

export const migrations = {
  '0001_a': migration0001,
  '0003_c': migration0003,
  '0006_f': migration0006,
  '0007_g': migration0007,
  '9001_mine': migration9001,
};
