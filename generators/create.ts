import type { NodePlopAPI } from 'node-plop';
import { askForCreate, confirm } from '../src/ask.ts';
import type { PlopSetting } from '../src/by-plop.ts';
import { requestOf, runCreate } from '../src/create-command.ts';
import { Refusal } from '../src/errors.ts';
import type { Created } from '../src/pipeline.ts';

/** How a run of the generator ended. */
export interface CreateOutcome {
  readonly created?: Created;
  readonly error?: unknown;
}

/**
 * The verb `create` as a plop generator. Plop asks and runs; the files are written by the pipeline, all at once or
 * not at all: plop's own actions write one by one and cannot be undone.
 * @returns a function that tells how the last run ended, since plop keeps only the message of an error.
 */
export const registerCreate = (plop: NodePlopAPI, settle: () => Promise<PlopSetting & { readonly isQuiet?: boolean }>): (() => CreateOutcome) => {
  let outcome: CreateOutcome = {};
  let asked: { readonly setting: PlopSetting & { readonly isQuiet?: boolean }; readonly wish: PlopSetting['wish'] } | undefined;
  plop.setGenerator('create', {
    description: 'a hardened server whose own tests attack it',
    prompts: async () => {
      const setting = await settle();
      const wish = setting.isQuiet === true ? setting.wish : await askForCreate(setting.wish, setting.assets.catalogue(), setting.cwd);
      asked = { setting, wish };
      return {};
    },
    actions: [
      async () => {
        try {
          if (asked === undefined) throw new Refusal('Nothing was asked.');
          const { setting, wish } = asked;
          const approve = async (): Promise<boolean> => setting.isQuiet === true || confirm('Create it?');
          const created = await runCreate(requestOf(wish, setting.cwd), { assets: setting.assets, terminal: setting.terminal, approve });
          outcome = { created };
          return `${created.tree.size} files in ${created.root}`;
        } catch (error) {
          outcome = { error };
          throw error;
        }
      },
    ],
  });
  return () => outcome;
};
