/**
 * What a protection says of itself, as data. The engine reads these and knows no protection by name.
 *
 * A folder `templates/protections/<id>/` is one protection; `templates/services/<id>/` is one service.
 * Files are found by their names; nothing has to be registered anywhere else:
 *
 * | file                    | emitted as                            | role                                             |
 * |-------------------------|---------------------------------------|--------------------------------------------------|
 * | `manifest.ts`           | (not emitted)                         | this data                                        |
 * | `notes.ts`            | (not emitted)                         | exports `notes`: what changed since it was first released, and why |
 * | `doctor.ts`             | (not emitted)                         | protections only: exports `doctor`, what the verb `doctor` checks in source and asks a server |
 * | `fastify.ts` `express.ts` | `src/protections/<id>/<target>.ts`  | exports the binding, named camelCase(id)         |
 * | `boot-check.ts`         | `src/protections/<id>/boot-check.ts`  | exports `bootCheck`; collected in the registry   |
 * | `module.ts`             | `src/protections/<id>/module.ts`      | exports `module`: routes it brings               |
 * | `lint.js`               | `lint/<id>.js`                        | an ESLint-style plugin for oxlint, named id      |
 * | `migrations/NNNN_x.ts`  | `src/protections/<id>/migrations/...` | exports `migration`; collected by ordinal        |
 * | `service.ts`            | `src/services/<id>/service.ts`        | services only: exports `start(setup, needs)`; absent where it is code only |
 * | `testing.ts`            | `tests/support/<id>.ts`               | services only: exports `prepare` for the tests   |
 * | `lint.js`               | `lint/<id>.js`                        | an oxlint plugin named `<id>`; every rule is an error |
 * | `*.attack.test.ts`      | `tests/attacks/`                      | benign uses and attacks                          |
 * | `tests/**`              | `tests/support/<id>/**`               | what the attacks need besides                    |
 * | `project/**`            | the project's root                    | files that live elsewhere (`.hbs` is rendered)   |
 * | `foreign/**`            | only into a repo that was there before us, in the place of the file with the same name or besides | its binding and attacks there |
 * | every other `.ts`, `README.md` | `src/protections/<id>/...`     |                                                  |
 */

/** The web framework of the emitted code. */
export const targets = ['fastify', 'express'] as const;
export type Target = (typeof targets)[number];

/** When a protection runs. Order = phase, then what it requires, then its id. */
export const phases = [
  'transport',
  'limits',
  'headers',
  'cors',
  'parsing',
  'session',
  'csrf',
  'identity',
  'access',
  'routes',
  'errors',
] as const;
export type Phase = (typeof phases)[number];

/** One entry of the catalogue: what is threatened and which requirements an answer meets. */
export interface Item {
  readonly title: string;
  /** One sentence: what an attacker does when the protection is absent. */
  readonly threat: string;
  /** ASVS 5.0.0 requirement ids, for example `V3.4.6`. */
  readonly asvs: readonly string[];
  /** For example `CWE-1021`. */
  readonly cwe: readonly string[];
}

/** An option of a protection, asked for by `create`, set by `--set <id>.<name>=<value>`. */
export type OptionSpec = { readonly describe: string } & (
  | { readonly type: 'integer'; readonly default: number; readonly min: number; readonly max: number; readonly unit?: string }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | { readonly type: 'string'; readonly default: string; readonly pattern: string; readonly maxLength: number }
);
export type OptionValue = number | boolean | string;

/** An environment variable of the emitted app. Read once, by `src/config.ts`; shown in `.env.example`. */
export type EnvSpec = { readonly describe: string } & (
  | { readonly type: 'string' | 'url' | 'origin'; readonly default: string }
  | { readonly type: 'integer'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'list'; readonly default: readonly string[] }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  /** Absent unless set: the embedded default is used instead. */
  | { readonly type: 'optional-url'; readonly protocols: readonly string[] }
  | { readonly type: 'optional-string' }
  /** Minted into `.env` when the app is created; at least `bytes` bytes of randomness, base64url. */
  | { readonly type: 'secret'; readonly bytes: number }
);

/** A container of the emitted `compose.yaml`. */
export interface ComposeService {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly port: number;
  readonly healthcheck: readonly string[];
  readonly volume?: string;
  /** What the app needs to find it. */
  readonly appEnvironment: Readonly<Record<string, string>>;
  /** Variables that only `compose.yaml` reads -> how many random bytes; minted into `.env` when the app is created. */
  readonly secrets?: Readonly<Record<string, number>>;
}

interface Unit {
  /** kebab-case; the name of the folder. */
  readonly id: string;
  readonly title: string;
  /** One line: what it stops (a protection) or gives (a service). */
  readonly summary: string;
  /** Ids of services. */
  readonly services?: readonly string[];
  /** Names of npm packages; their versions stand in `templates/package.json`. */
  readonly dependencies?: readonly string[];
  readonly devDependencies?: readonly string[];
  /** Packages needed on one target only. */
  readonly targetDependencies?: Partial<Readonly<Record<Target, readonly string[]>>>;
  readonly targetDevDependencies?: Partial<Readonly<Record<Target, readonly string[]>>>;
  readonly env?: Readonly<Record<string, EnvSpec>>;
  /** npm scripts of the emitted package.json. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly compose?: Readonly<Record<string, ComposeService>>;
  /** Lint rules by name, those of the own `lint.js` as `<id>/<rule>`. */
  readonly lint?: Readonly<Record<string, LintRule>>;
}

/** A severity, or a severity and the options of the rule. */
export type LintRule = 'error' | 'off' | readonly ['error', ...unknown[]];

export interface Protection extends Unit {
  readonly kind: 'core' | 'option';
  /** The heading it stands under when asked for, for example `HTTP`, `Data`, `Project`. */
  readonly group: string;
  readonly phase: Phase;
  /** Ids of protections; each brings its own along. */
  readonly requires?: readonly string[];
  /** By catalogue id. */
  readonly items: Readonly<Record<string, Item>>;
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** What it does NOT stop; stands in SECURITY.md. At least one. */
  readonly notCovered: readonly string[];
  /** The skeleton itself stands on it: it cannot be left out. */
  readonly foundation?: boolean;
  /** What it is in a repo that was there before us. Without it, it cannot be brought there. */
  readonly foreign?: Foreign;
}

/** A protection in a repo that was there before us: its routes, its data and its server are its own. */
export interface Foreign {
  /** Ids of protections that it needs there, when they are not those of `requires`. */
  readonly requires?: readonly string[];
  /** Modules of its folder that the repo's own code calls; a protection without a binding has nothing else. */
  readonly modules?: readonly string[];
  /** What does the same job, when it is there already: names of packages, or `error handler`. */
  readonly sameJob?: readonly string[];
  /** Both may stand side by side: what the other one says goes. Otherwise one of the two has to go. */
  readonly standsBeside?: boolean;
  /** What must be known before it is used there, one sentence each. */
  readonly notes?: readonly string[];
  /** What it does not stop there, besides `notCovered`. */
  readonly notCovered?: readonly string[];
}

export type Service = Unit;

/** Declares a protection. Identity at run time; the type is the point. */
export const defineProtection = (protection: Protection): Protection => protection;

/** Declares a service. */
export const defineService = (service: Service): Service => service;

/** The skeleton that every app has. */
export interface Base extends Omit<Unit, 'id' | 'title' | 'summary' | 'services'> {
  /** Types that the generated registries speak of -> the emitted module that exports each. */
  readonly types: Readonly<Record<'Binding' | 'BootCheck' | 'Preparation' | 'RouteModule' | 'ServiceSetup', string>>;
}
