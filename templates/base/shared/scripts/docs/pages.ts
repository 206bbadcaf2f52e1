import { cryptoUses, keyUses } from './cryptography.ts';
import type { AttackMark, GuardMark } from './marks.ts';
import { type Destination, destinationsIn } from './destinations.ts';
import { optionsIn } from './options.ts';
import { settingsIn } from './settings.ts';

/** What the templates say of an installed protection; `docs/security/protections.json`. */
export interface ProtectionFacts {
  readonly id: string;
  readonly title: string;
  readonly items: readonly ItemFacts[];
  readonly options: readonly { readonly name: string; readonly describe: string; readonly unit: string }[];
}

export interface ItemFacts {
  readonly id: string;
  readonly title: string;
  readonly asvs: readonly string[];
  readonly cwe: readonly string[];
}

/** A route as the registry knows it. */
export interface RouteFacts {
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly limits: readonly string[];
  /** The parts of the request that it takes: `params`, `query`, `body`. */
  readonly input: readonly string[];
  readonly summary: string;
}

/** A limit that routes name. */
export interface LimitFacts {
  readonly name: string;
  /** Who is counted: `actor`, `ip`. */
  readonly by: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly whenStoreIsDown: string;
}

/** A rule of the business: how often a thing may be done. */
export interface BusinessLimitFacts {
  readonly name: string;
  /** Whose uses are added up: `user`, `tenant`, `global`. */
  readonly scope: string;
  readonly maximum: number;
  /** Undefined: for ever. */
  readonly windowMs: number | undefined;
}

/** All that the pages are made from. */
export interface SecurityFacts {
  readonly protections: readonly ProtectionFacts[];
  readonly routes: readonly RouteFacts[];
  readonly limits: readonly LimitFacts[];
  readonly businessLimits: readonly BusinessLimitFacts[];
  readonly guards: readonly GuardMark[];
  readonly attacks: readonly AttackMark[];
  /** Path and text of the project's files; the registries of settings and options are read. */
  readonly files: ReadonlyMap<string, string>;
}

const note = 'Written by `npm run docs` from the code that enforces it; `npm test` fails when it is stale.';

/** The pages below `docs/security/`, by path. Pure: the same facts give the same bytes. */
export const securityPages = (facts: SecurityFacts): ReadonlyMap<string, string> => {
  const destinations = destinationsIn(facts.files);
  return new Map([
    ['docs/security/asvs.md', asvsPage(facts)],
    ['docs/security/configuration.md', configurationPage(facts)],
    ['docs/security/cryptography.md', cryptographyPage(facts)],
    ...(destinations.length === 0 ? [] : [['docs/security/destinations.md', destinationsPage(destinations)] as const]),
    ['docs/security/limits.md', limitsPage(facts)],
    ['docs/security/routes.md', routesPage(facts)],
  ]);
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byFile = (a: GuardMark, b: GuardMark): number => byText(a.file, b.file);

const asvsPage = (facts: SecurityFacts): string => {
  const { protections } = facts;
  const guards = facts.guards.toSorted(byFile);
  const attacks = facts.attacks.toSorted(byFile);
  const sections = protections.flatMap(({ items }) => items).toSorted((a, b) => byText(a.id, b.id));
  return page('Requirements and their proof', [
    'What each item of the catalogue answers (OWASP ASVS 5.0.0, CWE), the files with its guards, and the attacks that prove them. `npm run test:removal` takes every guard out and demands that an attack notices.',
    table(
      ['Requirement', 'Items'],
      [...new Set(sections.flatMap(({ asvs }) => asvs))]
        .toSorted(byRequirement)
        .map((requirement) => [requirement, sections.filter(({ asvs }) => asvs.includes(requirement)).map(({ id }) => id).join(', ')]),
    ),
    ...sections.map((item) => itemSection(item, guards, attacks)),
  ]);
};

/** `V1.10.2` behind `V1.9.1`. */
const byRequirement = (a: string, b: string): number => {
  const [left, right] = [a, b].map((id) => id.slice(1).split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return byText(a, b);
};

const itemSection = ({ id, title, asvs, cwe }: ItemFacts, guards: readonly GuardMark[], attacks: readonly AttackMark[]): string => {
  const guarding = guards.filter(({ item }) => item === id).map(({ file }) => `\`${file}\``);
  const proving = attacks.filter(({ item }) => item === id).map(({ name }) => `- ${name}`);
  return [
    `## ${id} ${title}`,
    '',
    [...asvs.map((requirement) => `ASVS ${requirement}`), ...cwe].join(', '),
    '',
    `Guards: ${guarding.length === 0 ? 'none' : guarding.join(', ')}`,
    '',
    'Attacks:',
    '',
    ...(proving.length === 0 ? ['- none'] : proving),
  ].join('\n');
};

const configurationPage = ({ files, protections }: SecurityFacts): string =>
  page('Configuration', [
    'Read once, at start, from the environment. A start with a wrong or unsafe value is refused, and every problem is listed: `npm run doctor` does the same without starting.',
    '## Environment',
    table(
      ['Variable', 'What', 'Allowed', 'Default'],
      settingsIn(files.get('src/config/env.ts') ?? '').map(({ name, describe, rule, fallback }) => [code(name), describe, rule, fallback === '' ? 'none' : code(fallback)]),
    ),
    ...optionSection(files, protections),
  ]);

const optionSection = (files: SecurityFacts['files'], protections: readonly ProtectionFacts[]): string[] => {
  const rows = optionsIn(files.get('src/protections/index.ts') ?? '').map(({ protection, name, value }) => {
    const option = protections.find(({ id }) => id === protection)?.options.find((candidate) => candidate.name === name);
    return [code(protection), code(name), option?.describe ?? '', [value, option?.unit ?? ''].join(' ').trim()];
  });
  return rows.length === 0 ? [] : ['## Options in `src/protections/index.ts`', table(['Protection', 'Option', 'What', 'Value'], rows)];
};

const limitsPage = ({ files, protections, routes, limits: named, businessLimits }: SecurityFacts): string => {
  const settings = settingsIn(files.get('src/config/env.ts') ?? '').filter(({ isNumber, name }) => isNumber && name !== 'PORT');
  const limited = routes.filter(({ limits }) => limits.length > 0).toSorted(byRoute);
  return page('Limits', [
    'What one client, one request, one connection may take. The defaults are those of the environment; a deployment may change them within what is allowed.',
    table(['Setting', 'Limit', 'Default', 'Allowed'], settings.map(({ name, describe, fallback, rule }) => [code(name), describe, fallback, rule])),
    ...optionSection(files, protections),
    ...(named.length === 0 ? [] : ['## Limits that routes name', namedLimits(named)]),
    ...(limited.length === 0
      ? []
      : ['## Routes that name them', table(['Route', 'Limits'], limited.map(({ method, path, limits }) => [code(`${method} ${path}`), limits.join(', ')]))]),
    ...(businessLimits.length === 0 ? [] : ['## Limits of the business', businessTable(businessLimits)]),
  ]);
};

const businessTable = (limits: readonly BusinessLimitFacts[]): string =>
  table(
    ['Name', 'Counted by', 'At most', 'In'],
    limits
      .toSorted((a, b) => byText(a.name, b.name))
      .map(({ name, scope, maximum, windowMs }) => [code(name), scope, String(maximum), windowMs === undefined ? 'for ever' : duration(windowMs)]),
  );

const namedLimits = (limits: readonly LimitFacts[]): string =>
  table(
    ['Name', 'Counted by', 'At most', 'In', 'While the shared store is down'],
    limits
      .toSorted((a, b) => byText(a.name, b.name))
      .map(({ name, by, limit, windowMs, whenStoreIsDown }) => [code(name), by, String(limit), duration(windowMs), whenStoreIsDown]),
  );

/** 900000 ms is 15 min. */
const duration = (ms: number): string => {
  const units = [['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const;
  const [unit, size] = units.find((candidate) => ms >= candidate[1] && ms % candidate[1] === 0) ?? (['ms', 1] as const);
  return `${ms / size} ${unit}`;
};

const byRoute = (a: RouteFacts, b: RouteFacts): number => byText(`${a.path} ${a.method}`, `${b.path} ${b.method}`);

const cryptographyPage = ({ files }: SecurityFacts): string => {
  const where = (paths: readonly string[]): string => paths.toSorted(byText).map(code).join(', ');
  const keys = keyUses(files).toSorted((a, b) => byText(a.purpose, b.purpose) || byText(a.file, b.file));
  return page('Cryptography', [
    'Every function of `node:crypto` that `src/` uses, and where. What packages do by themselves is not in it.',
    table(
      ['Function', 'Where'],
      cryptoUses(files)
        .toSorted((a, b) => byText(a.name, b.name))
        .map(({ name, files: paths }) => [code(name), where(paths)]),
    ),
    ...(keys.length === 0
      ? []
      : ['## What keys are used for', table(['Purpose', 'What', 'Where'], keys.map(({ purpose, what, file }) => [code(purpose), what, code(file)]))]),
  ]);
};

const routesPage = ({ routes }: SecurityFacts): string =>
  page('Routes', [
    'Every route that the app serves, and who may call it. A route without a policy refuses to boot.',
    table(
      ['Method', 'Path', 'Access', 'Input', 'Limits', 'What'],
      routes
        .toSorted(byRoute)
        .map(({ method, path, access, input, limits, summary }) => [method, code(path), access, input.join(', '), limits.join(', '), summary]),
    ),
  ]);

const destinationsPage = (destinations: readonly Destination[]): string =>
  page('Destinations', [
    'Every system that the app calls by itself (ASVS V13.1.1). Where users may point it is bounded by the settings in configuration.md.',
    table(
      ['System', 'Base URL', 'Purpose', 'Declared in'],
      destinations.map(({ id, baseUrl, purpose, file }) => [id, code(baseUrl), purpose, code(file)]),
    ),
  ]);

const code = (text: string): string => `\`${text}\``;

const page = (title: string, blocks: readonly string[]): string => `${[`# ${title}`, note, ...blocks].join('\n\n')}\n`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
};
