import type { Catalogue } from '../../src/catalogue.ts';
import type { ChangePorts } from '../../src/change.ts';
import { realDisk } from '../../src/disk.ts';
import { renderProse } from './fixtures.ts';

/** What a change needs: the real disk, nobody who listens, and always yes. */
export const quietPorts = (catalogue: Catalogue): ChangePorts => ({
  catalogue,
  renderProse,
  disk: realDisk,
  env: {},
  signal: new AbortController().signal,
  hold: () => {},
  progress: { planned: () => {}, started: () => {}, finished: () => {} },
  approve: () => Promise.resolve(true),
});
