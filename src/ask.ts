import { basename } from 'node:path';
import prompts from 'prompts';
import type { Catalogue } from './catalogue.ts';
import { foundation, presetIds } from './catalogue.ts';
import { type CreateWish, rootOf } from './create-command.ts';
import { Refusal, UsageError } from './errors.ts';
import { type OptionSpec, targets } from './manifest.ts';
import { type PackageManager, packageManagers } from './package-manager.ts';
import { defaultTarget, parseOption, plan, validName } from './plan.ts';
import { byText } from './tree.ts';

/** The questions stand on stderr: stdout belongs to what was asked for. */
const ask = async <N extends string>(question: prompts.PromptObject<N>): Promise<prompts.Answers<N>> =>
  prompts<N>(
    { ...question, stdout: process.stderr },
    {
      onCancel: () => {
        throw new Refusal('Cancelled; nothing was created.');
      },
    },
  );

/**
 * Asks for everything that the wish leaves open.
 * @throws Refusal when the person cancels.
 */
export const askForCreate = async (wish: CreateWish, catalogue: Catalogue, cwd: string): Promise<CreateWish> => {
  const directory = wish.directory ?? (await askDirectory(catalogue, cwd));
  const target = wish.target ?? (await askTarget());
  const chosen = await askProtections(wish, catalogue);
  const set = await askOptions({ ...wish, ...chosen }, catalogue);
  const packageManager = wish.packageManager ?? (await askPackageManager(wish.likelyPackageManager));
  const { git } = await ask({ type: wish.git ? 'confirm' : null, name: 'git', message: 'Make a git repository with a first commit?', initial: true });
  return { ...wish, ...chosen, directory, target, set, packageManager, git: wish.git && git !== false };
};

/** A yes or no. */
export const confirm = async (message: string): Promise<boolean> => {
  const { yes } = await ask({ type: 'confirm', name: 'yes', message, initial: true });
  return yes === true;
};

/** One of several. */
export const chooseOne = async (message: string, names: readonly string[]): Promise<string> => {
  const { name } = await ask({ type: 'select', name: 'name', message, choices: names.map((value) => ({ title: value, value })) });
  return String(name);
};

const askDirectory = async (catalogue: Catalogue, cwd: string): Promise<string> => {
  const validate = (text: string): true | string => problemOf(() => validName(basename(rootOf(text, cwd)), catalogue)) ?? true;
  const { directory } = await ask({ type: 'text', name: 'directory', message: 'Name of the app, or the folder to create it in', initial: 'my-app', validate });
  return String(directory);
};

const askTarget = async (): Promise<string> => {
  const { target } = await ask({
    type: 'select',
    name: 'target',
    message: 'Web framework',
    choices: targets.map((value) => ({ title: value, value })),
    initial: targets.indexOf(defaultTarget),
  });
  return String(target);
};

const askProtections = async (wish: CreateWish, catalogue: Catalogue): Promise<Pick<CreateWish, 'preset' | 'with' | 'without'>> => {
  if (wish.preset !== undefined || wish.with?.length || wish.without?.length) return wish;
  const preset = catalogue.presets.presets[catalogue.presets.default];
  const selected = preset === undefined ? [] : presetIds(catalogue, preset);
  const always = foundation(catalogue);
  const parts = Object.values(catalogue.protections).map(({ manifest }) => manifest).filter(({ id }) => !always.includes(id));
  const groups = [...new Set(parts.map(({ group }) => group))].toSorted(byText);
  const choices = groups.flatMap((group) => [
    { title: `-- ${group} --`, value: '', disabled: true },
    ...parts.filter((part) => part.group === group).map(({ id, summary }) => ({ title: id, value: id, description: summary, selected: selected.includes(id) })),
  ]);
  const { ids } = await ask({
    type: choices.length === 0 ? null : 'multiselect',
    name: 'ids',
    message: `Protections (always there: ${always.join(', ')}; what one requires comes along)`,
    choices,
    instructions: false,
    hint: 'space chooses, enter goes on',
  });
  const picked: string[] = Array.isArray(ids) ? ids.map(String) : [];
  return { preset: smallest(catalogue), with: picked, without: [] };
};

/** The preset that holds nothing but the foundation: what was picked is then the choice itself. */
const smallest = (catalogue: Catalogue): string => {
  const found = Object.entries(catalogue.presets.presets).find(([, { select, with: added = [] }]) => select === 'foundation' && added.length === 0);
  if (found === undefined) throw new Error('No preset holds the foundation alone.');
  return found[0];
};

const askOptions = async (wish: CreateWish, catalogue: Catalogue): Promise<readonly string[]> => {
  const given = wish.set ?? [];
  const { protections } = plan({ ...wish, name: 'app', set: [] }, catalogue);
  const open = protections.flatMap((id) =>
    Object.entries(catalogue.protections[id]?.manifest.options ?? {}).flatMap(([name, spec]) => {
      const key = `${id}.${name}`;
      return given.some((setting) => setting.startsWith(`${key}=`)) ? [] : [{ key, spec }];
    }),
  );
  if (open.length === 0 || !(await confirmNo(`Change options of these protections (${open.length})?`))) return given;
  const answers: string[] = [];
  for (const { key, spec } of open) answers.push(`${key}=${await askOption(key, spec)}`);
  return [...given, ...answers];
};

const confirmNo = async (message: string): Promise<boolean> => {
  const { yes } = await ask({ type: 'confirm', name: 'yes', message, initial: false });
  return yes === true;
};

const askOption = async (key: string, spec: OptionSpec): Promise<string> => {
  const message = `${key}: ${spec.describe}`;
  if (spec.type === 'boolean') {
    const { value } = await ask({ type: 'confirm', name: 'value', message, initial: spec.default });
    return String(value);
  }
  if (spec.type === 'choice') {
    const choices = spec.choices.map((choice) => ({ title: choice, value: choice }));
    const { value } = await ask({ type: 'select', name: 'value', message, choices, initial: spec.choices.indexOf(spec.default) });
    return String(value);
  }
  const validate = (text: string): true | string => problemOf(() => parseOption(key, text, spec)) ?? true;
  const { value } = await ask({ type: 'text', name: 'value', message, initial: String(spec.default), validate });
  return String(value);
};

const askPackageManager = async (likely: PackageManager): Promise<string> => {
  const { packageManager } = await ask({
    type: 'select',
    name: 'packageManager',
    message: 'Package manager',
    choices: packageManagers.map((value) => ({ title: value, value })),
    initial: packageManagers.indexOf(likely),
  });
  return String(packageManager);
};

const problemOf = (check: () => unknown): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
};
