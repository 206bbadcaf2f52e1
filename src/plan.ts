import { type Catalogue, foundation, presetIds, protectionNeeds } from './catalogue.ts';
import { UsageError } from './errors.ts';
import { type OptionSpec, type OptionValue, type Target, targets } from './manifest.ts';
import type { Placement } from './foreign/placement.ts';
import { closure } from './order.ts';
import { type PackageManager, isPackageManager, packageManagerFacts, packageManagers } from './package-manager.ts';
import { oneOf, unknown } from './suggest.ts';
import { byText, sortedSet } from './tree.ts';

/** Answers of options: protection -> option -> value. */
export type Options = Readonly<Record<string, Readonly<Record<string, OptionValue>>>>;

/** All that decides what is emitted. The same state gives the same bytes. */
export interface State {
  /** The version of the templates. */
  readonly version: string;
  readonly name: string;
  readonly target: Target;
  readonly packageManager: PackageManager;
  /** The host's Node is too old: the app brings its own as a development dependency. */
  readonly pinNode: boolean;
  /** Sorted, closed under `requires`. */
  readonly protections: readonly string[];
  readonly options: Options;
  /** Where it stands in a repo that was there before us; absent for an app of ours. */
  readonly foreign?: Placement;
}

/** What was asked for, on the command line or in answers. Untrusted. */
export interface Wish {
  readonly name: string;
  readonly target?: string | undefined;
  readonly preset?: string | undefined;
  readonly with?: readonly string[] | undefined;
  readonly without?: readonly string[] | undefined;
  /** Each `<protection>.<option>=<value>`. */
  readonly set?: readonly string[] | undefined;
  readonly packageManager?: string | undefined;
  readonly pinNode: boolean;
}

export const defaultTarget: Target = 'fastify';

/**
 * Turns a wish into a state.
 * @throws UsageError that names the flag and, where it can, what was meant.
 */
export const plan = (wish: Wish, catalogue: Catalogue): State => {
  const protections = choose(wish, catalogue);
  const packageManager = validPackageManager(wish.packageManager ?? 'npm');
  if (wish.pinNode && !packageManagerFacts[packageManager].installsNode) {
    throw new UsageError(`--pm ${packageManager}: this Node is too old for the app, and ${packageManager} cannot install another into it. Use a newer Node, or --pm npm.`);
  }
  return {
    version: catalogue.version,
    name: validName(wish.name, catalogue),
    target: validTarget(wish.target ?? defaultTarget),
    packageManager,
    pinNode: wish.pinNode,
    protections,
    options: optionsOf(protections, wish.set ?? [], catalogue),
  };
};

/** Names that npm or an operating system keeps for itself. */
const reservedNames = /^(?:node_modules|favicon\.ico|constructor|prototype|package\.json|con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/**
 * @returns the name, when it can be the name of a package and of a folder on every system.
 * @throws UsageError
 */
export const validName = (name: string, catalogue: Catalogue): string => {
  const shown = JSON.stringify(name.slice(0, 80));
  if (!/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/.test(name) || name.includes('..')) {
    throw new UsageError(`${shown} cannot be the name of an app: use lower-case letters, digits, "-", "_" and ".". Give another with --name.`);
  }
  if (reservedNames.test(name)) throw new UsageError(`${shown} is a reserved name. Give another with --name.`);
  if (name in catalogue.versions) throw new UsageError(`${shown} is the name of a package that the app depends on. Give another with --name.`);
  return name;
};

const validTarget = (text: string): Target => {
  const target = targets.find((known) => known === text);
  if (target === undefined) throw new UsageError(unknown('--target', text, targets));
  return target;
};

const validPackageManager = (text: string): PackageManager => {
  if (!isPackageManager(text)) throw new UsageError(unknown('--pm', text, packageManagers));
  return text;
};

/**
 * @returns the protections that are wished for, with all that they require, sorted.
 * @throws UsageError for an unknown id, and for one left out that something chosen requires.
 */
const choose = (wish: Wish, catalogue: Catalogue): string[] => {
  const { presets } = catalogue.presets;
  const presetName = wish.preset ?? catalogue.presets.default;
  const preset = Object.hasOwn(presets, presetName) ? presets[presetName] : undefined;
  if (preset === undefined) throw new UsageError(unknown('--preset', presetName, Object.keys(presets)));

  const added = known('--with', wish.with ?? [], catalogue);
  const left = new Set(known('--without', wish.without ?? [], catalogue));
  const both = added.find((id) => left.has(id));
  if (both !== undefined) throw new UsageError(`--with and --without both name \`${both}\`.`);
  const needed = foundation(catalogue).find((id) => left.has(id));
  if (needed !== undefined) throw new UsageError(`--without ${needed}: the skeleton itself stands on \`${needed}\`; it cannot be left out.`);

  const needs = protectionNeeds(catalogue);
  const wanted = [...presetIds(catalogue, preset), ...added].filter((id) => !left.has(id));
  for (const id of left) {
    const users = sortedSet(wanted).filter((other) => closure([other], needs).includes(id));
    if (users.length > 0) {
      const names = users.map((user) => `\`${user}\``).join(', ');
      throw new UsageError(`--without ${id}: ${names} ${users.length === 1 ? 'needs' : 'need'} it. Leave ${users.length === 1 ? 'that' : 'those'} out as well: --without ${[id, ...users].join(',')}`);
    }
  }
  return closure(wanted, needs);
};

/**
 * @returns the ids, each once, sorted.
 * @throws UsageError for one that does not exist.
 */
export const known = (flag: string, ids: readonly string[], catalogue: Catalogue): string[] => {
  const all = Object.keys(catalogue.protections);
  for (const id of ids) if (!all.includes(id)) throw new UsageError(unknown(flag, id, all, 'protection'));
  return sortedSet(ids);
};

/**
 * The options of protections: what is set now, else what was answered before, else the default.
 * @throws UsageError for a setting that is none.
 */
export const optionsOf = (protections: readonly string[], settings: readonly string[], catalogue: Catalogue, earlier: Options = {}): Options => {
  const given = new Map(settings.map((setting) => parseSetting(setting, protections, catalogue)));
  const entries = protections.flatMap((id) => {
    const specs = Object.entries(catalogue.protections[id]?.manifest.options ?? {}).toSorted(([a], [b]) => byText(a, b));
    if (specs.length === 0) return [];
    return [[id, Object.fromEntries(specs.map(([name, spec]) => [name, given.get(`${id}.${name}`) ?? answered(earlier, id, name, spec) ?? spec.default]))] as const];
  });
  return Object.fromEntries(entries);
};

/** What was answered before, where it is still an answer. */
const answered = (earlier: Options, id: string, name: string, spec: OptionSpec): OptionValue | undefined => {
  const answers = Object.hasOwn(earlier, id) ? earlier[id] : undefined;
  const value = answers !== undefined && Object.hasOwn(answers, name) ? answers[name] : undefined;
  if (value === undefined) return undefined;
  try {
    return parseOption(`${id}.${name}`, String(value), spec);
  } catch {
    return undefined;
  }
};

const parseSetting = (setting: string, protections: readonly string[], catalogue: Catalogue): [string, OptionValue] => {
  const match = /^([^.=]+)\.([^.=]+)=(.*)$/s.exec(setting);
  const [, id = '', name = '', text = ''] = match ?? [];
  if (match === null) throw new UsageError(`--set ${JSON.stringify(setting.slice(0, 80))}: write it as <protection>.<option>=<value>.`);
  const [protection] = known('--set', [id], catalogue);
  if (protection === undefined || !protections.includes(protection)) throw new UsageError(`--set ${id}.${name}: \`${id}\` is not chosen. Add it: --with ${id}`);
  const specs = catalogue.protections[protection]?.manifest.options ?? {};
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) throw new UsageError(unknown(`--set ${id}.`, name, Object.keys(specs), 'option'));
  return [`${id}.${name}`, parseOption(`--set ${id}.${name}`, text, spec)];
};

/**
 * Reads the value of an option as its specification says.
 * @throws UsageError that names what is allowed.
 */
export const parseOption = (label: string, text: string, spec: OptionSpec): OptionValue => {
  const refuse = (rule: string): never => {
    throw new UsageError(`${label} must be ${rule}, not ${JSON.stringify(text.slice(0, 80))}.`);
  };
  switch (spec.type) {
    case 'integer': {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= spec.min && value <= spec.max ? value : refuse(`a whole number from ${spec.min} to ${spec.max}${spec.unit === undefined ? '' : ` ${spec.unit}`}`);
    }
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse('true or false');
    case 'choice':
      return spec.choices.includes(text) ? text : refuse(oneOf(spec.choices));
    case 'string': {
      // An option lands in code: only what the pattern admits, and never what ends a line or a string.
      const fits = text.length <= spec.maxLength && new RegExp(`^(?:${spec.pattern})$`, 'u').test(text) && !/[\0-\x1f\x7f\u2028\u2029]/.test(text);
      return fits ? text : refuse(`text of at most ${spec.maxLength} characters that matches ${spec.pattern}`);
    }
  }
};
