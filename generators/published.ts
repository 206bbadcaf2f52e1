import type { NodePlopAPI } from 'node-plop';
import type { Assets } from '../src/assets.ts';
import { wishOf } from '../src/create-command.ts';
import { parseCommandLine } from '../src/flags.ts';
import { hostOf } from '../src/host.ts';
import { isTerminal, terminalOf } from '../src/terminal.ts';
import { argumentsOf } from './arguments.ts';
import { registerAdd, registerRemove, registerUpgrade } from './change.ts';
import { registerCreate } from './create.ts';

/**
 * Registers the verbs with somebody's plop. Flags stand behind `--`: `plop create -- my-app --target express --yes`.
 * Without a terminal, or with CI, nothing is asked.
 */
export const register = (plop: NodePlopAPI, assets: Assets): void => {
  registerCreate(plop, () => {
    const line = parseCommandLine(argumentsOf('create', process.argv));
    const host = hostOf(process.env, process.versions.node);
    const isQuiet = line.values.yes || host.isCi || !isTerminal(0) || !isTerminal(2);
    return Promise.resolve({ wish: wishOf(line, host), cwd: process.cwd(), assets, terminal: terminalOf({ colours: false }), isQuiet });
  });
  registerAdd(plop, assets);
  registerRemove(plop, assets);
  registerUpgrade(plop, assets);
};
