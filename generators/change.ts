import type { NodePlopAPI } from 'node-plop';
import { runAdd } from '../src/add-command.ts';
import type { Assets } from '../src/assets.ts';
import type { Changed } from '../src/change.ts';
import { parseCommandLine } from '../src/flags.ts';
import { changeSuccess } from '../src/report-change.ts';
import { runRemove } from '../src/remove-command.ts';
import { terminalOf } from '../src/terminal.ts';
import { runUpgrade } from '../src/upgrade-command.ts';
import { argumentsOf } from './arguments.ts';

/**
 * A verb that changes an app as a plop generator, for the folder that plop runs in. What is to be changed stands behind
 * `--`: `plop add -- csrf --dry-run`. The files are written by the pipeline, all at once or not at all.
 */
const registerChange = (plop: NodePlopAPI, name: string, description: string, run: typeof runAdd, assets: Assets): void => {
  plop.setGenerator(name, {
    description,
    // A function: plop would take flags for answers to a list.
    prompts: () => Promise.resolve({}),
    actions: [
      async () => {
        const line = parseCommandLine(argumentsOf(name, process.argv));
        const terminal = terminalOf({ colours: false });
        const changed: Changed = await run(line.words, process.cwd(), line, { assets, terminal });
        for (const warning of changed.warnings) terminal.err(`${warning}\n`);
        return changeSuccess(changed, terminal);
      },
    ],
  });
};

/** The verb `add`. */
export const registerAdd = (plop: NodePlopAPI, assets: Assets): void => registerChange(plop, 'add', 'brings protections into the app that is here', runAdd, assets);

/** The verb `remove`. */
export const registerRemove = (plop: NodePlopAPI, assets: Assets): void => registerChange(plop, 'remove', 'takes protections out of the app that is here', runRemove, assets);

/** The verb `upgrade`. */
export const registerUpgrade = (plop: NodePlopAPI, assets: Assets): void => registerChange(plop, 'upgrade', 'brings the app that is here the fixes since it was created', runUpgrade, assets);
