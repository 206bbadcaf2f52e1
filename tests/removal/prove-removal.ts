import { expect, test } from 'vitest';
import type { Target } from '../../src/manifest.ts';
import { allProtections, emitApp } from '../emitted/emitted-app.ts';
import { servers } from '../emitted/proof.ts';

/** What only the embedded database runs: on a server nothing could notice that it is gone. */
const embeddedOnly = 'src/services/db/embedded.ts';

/** Takes every guard out of the app with all protections, on the real servers where there are any: they are faster. */
export const proveRemoval = (target: Target): void => {
  const app = emitApp('removal', target, allProtections);
  const real = servers();
  test(`${target}: every guard that is taken out is noticed`, async () => {
    const except = real === undefined ? '' : ` --except ${embeddedOnly}`;
    expectGuardsToBeNoticed(await app.run(`npm run --silent test:removal --${except}`, real ?? {}));
  });
  test.runIf(real !== undefined)(`${target}: every guard of the embedded database that is taken out is noticed`, async () => {
    expectGuardsToBeNoticed(await app.run(`npm run --silent test:removal -- --file ${embeddedOnly}`));
  });
};

const expectGuardsToBeNoticed = (table: string): void => {
  expect(table).toMatch(/^[1-9]\d* guards taken out, [1-9]\d* noticed, 0 problems\.$/m);
};
