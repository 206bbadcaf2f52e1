import type { ComposeService, EnvSpec, Item, OptionValue, Target } from './manifest.ts';
import type { PackageManager } from './package-manager.ts';

/**
 * What a Handlebars template (`*.hbs`: README, SECURITY.md, CI, compose, Dockerfile, ...) can say. Templates are strict:
 * a name that does not exist is an error. Nothing is escaped: a value that lands in YAML or JSON goes through
 * `{{json value}}`. Lists are sorted, so that a text depends on the choice and on nothing else.
 */
export interface ProseContext {
  readonly name: string;
  readonly target: Target;
  readonly isFastify: boolean;
  readonly isExpress: boolean;
  readonly pinNode: boolean;
  readonly packageManager: PackageManager;
  readonly isNpm: boolean;
  /** Of the templates. */
  readonly version: string;
  /** In wiring order. */
  readonly protections: readonly ProseProtection[];
  readonly services: readonly ProseService[];
  /** The base's first, then by owner. */
  readonly env: readonly ProseEnv[];
  /** Of all protections, by id. */
  readonly items: readonly ProseItem[];
  readonly scripts: readonly { readonly name: string; readonly command: string }[];
  /** By name. */
  readonly compose: readonly ProseContainer[];
}

export interface ProseProtection {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly group: string;
  readonly phase: string;
  readonly kind: 'core' | 'option';
  readonly requires: readonly string[];
  readonly services: readonly string[];
  readonly items: readonly ProseItem[];
  readonly notCovered: readonly string[];
  readonly options: readonly { readonly name: string; readonly describe: string; readonly value: OptionValue }[];
  readonly env: readonly ProseEnv[];
  /** Every file that it brings. */
  readonly files: readonly string[];
  readonly guards: readonly ProseGuard[];
  readonly attacks: readonly ProseAttack[];
}

export interface ProseService {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly files: readonly string[];
}

/** An entry of the catalogue, with what stands behind it in this app. */
export interface ProseItem extends Item {
  readonly id: string;
  readonly protection: string;
  readonly guards: readonly ProseGuard[];
  /** Where the guards stand, each file once. */
  readonly guardFiles: readonly string[];
  readonly attacks: readonly ProseAttack[];
  /** Where the attacks stand, each file once. */
  readonly attackFiles: readonly string[];
}

export interface ProseGuard {
  readonly item: string;
  readonly file: string;
  readonly code: string;
}

export interface ProseAttack {
  readonly item: string;
  readonly name: string;
  readonly file: string;
}

export interface ProseEnv {
  readonly name: string;
  readonly describe: string;
  readonly type: EnvSpec['type'];
  /** `base`, or the id of a protection or service. */
  readonly owner: string;
  /** As it stands in `.env`; empty when there is no default. */
  readonly value: string;
  readonly isSecret: boolean;
  readonly isOptional: boolean;
  /** In words: `a whole number from 0 to 65535`. */
  readonly allowed: string;
}

export interface ProseContainer extends ComposeService {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly hasCommand: boolean;
  readonly command: readonly string[];
  readonly hasVolume: boolean;
  readonly volume: string;
}
