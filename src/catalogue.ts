import type { BusinessLimitFacts, LimitFacts, RouteFacts } from '../templates/base/shared/scripts/docs/pages.ts';
import type { Base, Protection, Service, Target } from './manifest.ts';
import { type Needs, closure } from './order.ts';
import type { ProseContext } from './prose.ts';

/** A statement marked `// protect: <item>`: without it an attack gets through. */
export interface Guard {
  readonly item: string;
  /** The statement, trimmed, without the mark. */
  readonly code: string;
}

/** A test that tries to break in. */
export interface Attack {
  readonly item: string;
  readonly name: string;
}

/** One file of `templates/`, with the place it is emitted to. */
export interface TemplateFile {
  readonly path: string;
  /** Only on this target; null for both. */
  readonly target: Target | null;
  /** The text itself, or the key of a Handlebars template that gives it. */
  readonly text: string | null;
  readonly prose: string | null;
  /** Hex SHA-256 of the text; null for a Handlebars template. */
  readonly digest: string | null;
  readonly guards: readonly Guard[];
  readonly attacks: readonly Attack[];
  /** The routes of a route module, for `docs/security/routes.md`. */
  readonly routes: readonly RouteFacts[];
  /** The named limits of a `limits.ts`, for `docs/security/limits.md`. */
  readonly limits: readonly LimitFacts[];
  /** The business limits that a route module brings along, for the same page. */
  readonly businessLimits: readonly BusinessLimitFacts[];
}

interface Part<M> {
  readonly manifest: M;
  readonly files: readonly TemplateFile[];
}
export type BasePart = Part<Base>;
export type ServicePart = Part<Service>;
export type ProtectionPart = Part<Protection>;

/** A ready choice of protections. */
export interface Preset {
  readonly summary: string;
  /** `foundation`: what cannot be left out; `core`: all of kind core; `all`: everything. */
  readonly select: 'foundation' | 'core' | 'all';
  /** Ids besides. */
  readonly with?: readonly string[];
}

export interface Presets {
  readonly default: string;
  readonly presets: Readonly<Record<string, Preset>>;
}

/** Everything that can be emitted, as data: read from `templates/` when the tool is built. */
export interface Catalogue {
  /** The version of the templates. */
  readonly version: string;
  /** Exact versions of npm packages, in the order in which npm writes them. */
  readonly versions: Readonly<Record<string, string>>;
  readonly presets: Presets;
  readonly base: BasePart;
  /** By id, sorted. */
  readonly services: Readonly<Record<string, ServicePart>>;
  /** By id, sorted. */
  readonly protections: Readonly<Record<string, ProtectionPart>>;
  /** What is emitted into a repo that was there before us, in the place of the file with the same path or besides. */
  readonly foreign: ForeignFiles;
}

export interface ForeignFiles {
  /** Packages of the field -> what they do: what stands there already, for people to read. */
  readonly packages: Readonly<Record<string, string>>;
  /** `templates/foreign/`: the skeleton on which protections stand there. */
  readonly skeleton: readonly TemplateFile[];
  /** `foreign/` of each protection that has one, by id. */
  readonly protections: Readonly<Record<string, readonly TemplateFile[]>>;
}

/** Renders the Handlebars template `key`. Pure. */
export type RenderProse = (key: string, context: ProseContext) => string;

/** What each protection requires. */
export const protectionNeeds = (catalogue: Catalogue): Needs =>
  new Map(Object.entries(catalogue.protections).map(([id, { manifest }]) => [id, manifest.requires ?? []]));

/** What each service stands on. */
export const serviceNeeds = (catalogue: Catalogue): Needs =>
  new Map(Object.entries(catalogue.services).map(([id, { manifest }]) => [id, manifest.services ?? []]));

/** The protections that no app can do without, with what they require. */
export const foundation = (catalogue: Catalogue): string[] =>
  closure(idsWhere(catalogue, ({ foundation: needed = false }) => needed), protectionNeeds(catalogue));

/**
 * The protections of a preset, with what they require, sorted.
 * @throws Error when the preset names a protection that does not exist.
 */
export const presetIds = (catalogue: Catalogue, { select, with: added = [] }: Preset): string[] => {
  const selected = {
    foundation: () => [],
    core: () => idsWhere(catalogue, ({ kind }) => kind === 'core'),
    all: () => Object.keys(catalogue.protections),
  }[select]();
  return closure([...foundation(catalogue), ...selected, ...added], protectionNeeds(catalogue));
};

const idsWhere = (catalogue: Catalogue, holds: (manifest: Protection) => boolean): string[] =>
  Object.entries(catalogue.protections).flatMap(([id, { manifest }]) => (holds(manifest) ? [id] : []));
