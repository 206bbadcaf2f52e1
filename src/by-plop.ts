import nodePlop from 'node-plop';
import { Refusal } from './errors.ts';
import { registerCreate } from '../generators/create.ts';
import type { CreateWish } from './create-command.ts';
import type { Assets } from './assets.ts';
import type { Created } from './pipeline.ts';
import type { Terminal } from './terminal.ts';

/** What the generator is given besides what it asks for. */
export interface PlopSetting {
  readonly wish: CreateWish;
  readonly cwd: string;
  readonly assets: Assets;
  readonly terminal: Terminal;
}

/**
 * Asks for what the wish leaves open, and creates the app: the generator that also runs under `plop` itself.
 * @throws what the pipeline throws.
 */
export const createByPlop = async (setting: PlopSetting): Promise<Created> => {
  const plop = await nodePlop('', { destBasePath: setting.cwd, force: false });
  const outcome = registerCreate(plop, () => Promise.resolve(setting));
  const generator = plop.getGenerator('create');
  const answers = await generator.runPrompts();
  await generator.runActions(answers);
  const { created, error } = outcome();
  if (error !== undefined) throw error;
  if (created === undefined) throw new Refusal('Nothing was created.');
  return created;
};
