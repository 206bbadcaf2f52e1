import { type Use, usesOfRemoved } from './built-on.ts';
import type { Changed, Planner } from './change.ts';
import { type ChangeSetting, changeRequestOf, runChange } from './change-command.ts';
import { Refusal } from './errors.ts';
import type { CommandLine } from './flags.ts';
import { emissionOf } from './change.ts';
import { withLess } from './replan.ts';

/**
 * `remove <protection...>`: takes protections out of the app at `root`. What the user built on them is said first.
 * @throws UsageError, Refusal
 */
export const runRemove = async (ids: readonly string[], root: string, line: CommandLine, setting: ChangeSetting): Promise<Changed> => {
  const { values } = line;
  const { terminal } = setting;
  const planner: Planner = async ({ lock }, ports) => {
    const { state, idle } = withLess(lock.state, ids, { settings: values.set, withRequired: values['with-required'] }, ports.catalogue);
    const warnings = idle.length === 0 ? [] : [`Nothing requires ${idle.join(', ')} any more; ${idle.length === 1 ? 'it stays' : 'they stay'}. To remove ${idle.length === 1 ? 'it' : 'them'} as well: create-secure-app remove ${idle.join(' ')}`];
    return { state, emission: await emissionOf(state, ports), warnings };
  };
  const approve = async (planned: Changed): Promise<boolean> => {
    const uses = usesOfRemoved(planned);
    if (uses.length > 0 && !values.yes) throw new Refusal(`These lines are built on what would go:\n${told(uses)}Nothing was changed. Change them first, or say --yes.`);
    if (uses.length > 0) terminal.err(`These lines are built on what goes:\n${told(uses)}`);
    return (await setting.approve?.(planned)) ?? true;
  };
  const changed = await runChange(changeRequestOf('remove', root, line), planner, { ...setting, approve });
  const uses = values['dry-run'] || values.diff ? usesOfRemoved(changed) : [];
  const left = leftInDatabase(changed);
  return {
    ...changed,
    warnings: [
      ...changed.warnings,
      ...(uses.length === 0 ? [] : [`These lines are built on what would go:\n${told(uses)}`]),
      ...(left.tables.length === 0 ? [] : [`Its tables stay, with what is in them: ${left.tables.join(', ')}. To drop them, put this into a migration of your own:\n\n${dropMigration(left)}`]),
    ],
  };
};

const told = (uses: readonly Use[]): string => uses.map(({ path, line, specifier }) => `  ${path}:${line} imports ${specifier}\n`).join('');

/** What removed migrations made in the database; the last comes first. */
interface Left {
  readonly names: readonly string[];
  readonly tables: readonly string[];
  readonly functions: readonly string[];
  /** As the removed ones import what defines a migration. */
  readonly imports: string;
}

const leftInDatabase = ({ removes }: Changed): Left => {
  const migrations = [...removes].flatMap(([path, text]) => {
    const [, name] = /^(?!\.secure-app\/).*\/migrations\/(\d{4}_\w+)\.ts$/.exec(path) ?? [];
    return name === undefined ? [] : [{ name, text }];
  }).toSorted((a, b) => (a.name < b.name ? 1 : -1));
  const made = (what: RegExp): string[] => [...new Set(migrations.flatMap(({ text }) => [...text.matchAll(what)].map(([, name = '']) => name).toReversed()))];
  return {
    names: migrations.map(({ name }) => name),
    tables: made(/\bcreate table (?:if not exists )?([a-z_][a-z0-9_]*)/gi),
    imports: /^import \{ defineMigration \}.*$/m.exec(migrations[0]?.text ?? '')?.[0] ?? '',
    functions: made(/\bcreate (?:or replace )?function ([a-z_][a-z0-9_]*)\(/gi),
  };
};

/** Forgets the migrations too: were the protection added again, they would have to run again. */
const dropMigration = ({ names, tables, functions, imports }: Left): string =>
  [
    imports,
    '',
    'export const migration = defineMigration(',
    ...tables.map((table) => `  'drop table if exists ${table} cascade',`),
    ...functions.map((name) => `  'drop function if exists ${name} cascade',`),
    `  "delete from schema_migrations where name in (${names.map((name) => `'${name}'`).join(', ')})",`,
    ');',
    '',
  ].join('\n');
