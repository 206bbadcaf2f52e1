import { relative } from 'node:path';
import type { Catalogue, ProtectionPart } from './catalogue.ts';
import { addedFile } from './diff.ts';
import { Refusal, UsageError } from './errors.ts';
import { lockPath } from './lock.ts';
import { runScript } from './package-manager.ts';
import { CannotPatch } from './patch/cannot-patch.ts';
import type { Created, Progress } from './pipeline.ts';
import type { Terminal } from './terminal.ts';

/** Shown to people: files of the project itself; the tool's own memory of them is one line. */
const isOwn = (file: string): boolean => !file.startsWith('.secure-app/');

/** What is about to be created, in a few lines. */
const outline = ({ root, state, tree }: Created, terminal: Terminal): string => {
  const files = [...tree.keys()].filter(isOwn).length;
  return `${terminal.strong(`${state.name}: ${state.target}, ${state.protections.length} protections, ${files} files`)} in ${root}\n  ${state.protections.join(', ')}\n`;
};

/** Tells on stderr what happens while it happens. */
export const progressOn = (terminal: Terminal): Progress => ({
  planned: (created) => terminal.err(outline(created, terminal)),
  started: (title) => terminal.err(`- ${title} ...\n`),
  finished: (title, milliseconds) => terminal.err(`  ${title}: done in ${(milliseconds / 1000).toFixed(1)} s\n`),
});

/** A list of what would be written, for `--dry-run`. */
export const listing = ({ tree }: Created): string => [...tree].map(([file, text]) => `create ${file} (${Buffer.byteLength(text)} bytes)\n`).join('');

/** The same as a diff, for `--diff`. */
export const diffOf = ({ tree }: Created): string => [...tree].map(([file, text]) => addedFile(file, text)).join('');

/** What to type next, from `cwd`. */
export const nextSteps = ({ root, state, checks }: Pick<Created, 'root' | 'state' | 'checks'>, cwd: string): string[] => {
  const run = runScript(state.packageManager);
  const folder = relative(cwd, root) || '.';
  return [
    ...(folder === '.' ? [] : [`cd ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)}`]),
    ...(checks.length === 0 ? [`${state.packageManager} install`] : []),
    `${run} dev`,
    `${run} test`,
  ];
};

/** What is said when an app was created. */
export const success = (created: Created, cwd: string, terminal: Terminal): string => {
  const { state, checks, repository } = created;
  const done = [
    checks.some(({ check }) => check === 'test') ? 'Its types, tests and attacks pass.' : 'It is not verified yet: run its tests.',
    ...(repository === undefined ? [] : [`It has ${repository}.`]),
  ];
  const steps = nextSteps(created, cwd).map((step) => `  ${step}\n`).join('');
  return `${terminal.strong(`Created ${state.name}.`)} ${done.join(' ')}\n\nStart it:\n${steps}\nSECURITY.md says what it stops, what proves it, and what it does not stop.\n`;
};

/** The JSON document of a run of `create`. */
export const createdDocument = (created: Created, { cwd, dryRun, warnings }: { cwd: string; dryRun: boolean; warnings: readonly string[] }) => {
  const { root, state, tree, checks, repository } = created;
  return {
    ok: true,
    command: 'create',
    dryRun,
    directory: root,
    state,
    changes: [...tree].map(([file, text]) => ({ action: 'create', path: file, bytes: Buffer.byteLength(text) })),
    checks,
    repository: repository ?? null,
    warnings: [...warnings, ...created.warnings],
    nextSteps: nextSteps(created, cwd),
    lock: lockPath,
  };
};

/** The JSON document of a run that did nothing. */
export const failureDocument = (command: string, failure: UsageError | Refusal) => ({
  ok: false,
  command,
  exitCode: failure.exitCode,
  changes: [],
  error: { message: failure.message, output: failure instanceof Refusal ? (failure.output ?? null) : null, ...(failure instanceof CannotPatch ? { paste: failure.paste } : {}) },
});

/** `list`: the protections by group, with what each stops. */
export const catalogueText = (catalogue: Catalogue, terminal: Terminal): string => {
  const parts = Object.values(catalogue.protections).map(({ manifest }) => manifest);
  const width = Math.max(0, ...parts.map(({ id }) => id.length)) + 2;
  const groups = [...new Set(parts.map(({ group }) => group))].toSorted();
  const block = (group: string): string =>
    `${terminal.strong(group)}\n${parts.filter((part) => part.group === group).map((part) => `  ${part.id.padEnd(width)}${part.summary}${part.kind === 'core' ? '' : ' (option)'}\n`).join('')}`;
  const presets = Object.entries(catalogue.presets.presets).map(([id, { summary }]) => `  ${id.padEnd(width)}${summary}${id === catalogue.presets.default ? ' (default)' : ''}\n`);
  return `${groups.map(block).join('\n')}\n${terminal.strong('Presets')}\n${presets.join('')}`;
};

/** The same as data. */
export const catalogueDocument = (catalogue: Catalogue) => ({
  ok: true,
  command: 'list',
  protections: Object.values(catalogue.protections).map(({ manifest: { id, kind, group, title, summary, phase, requires = [], services = [], foreign } }) => ({
    id, kind, group, title, summary, phase, requires, services, foreign: foreign !== undefined,
  })),
  presets: catalogue.presets,
});

/** `explain`: what a protection stops, and what it does not. */
export const explanation = ({ manifest, files }: ProtectionPart, terminal: Terminal): string => {
  const attacks = files.flatMap((file) => file.attacks);
  const items = Object.entries(manifest.items).map(([id, item]) => {
    const proof = attacks.filter((attack) => attack.item === id).map(({ name }) => `      attack: ${name}\n`);
    return `  ${terminal.strong(`${id} ${item.title}`)}\n    ${item.threat}\n    ASVS ${item.asvs.join(', ') || '-'}; ${item.cwe.join(', ') || '-'}\n${proof.join('')}`;
  });
  const options = Object.entries(manifest.options ?? {}).map(([name, spec]) => `  --set ${manifest.id}.${name}=${spec.default}  ${spec.describe}\n`);
  return [
    `${terminal.strong(`${manifest.title} (${manifest.id})`)}\n${manifest.summary}\nRuns in phase ${manifest.phase}${manifest.requires?.length ? `; requires ${manifest.requires.join(', ')}` : ''}.\n`,
    `What it stops\n${items.join('')}`,
    ...(options.length === 0 ? [] : [`Options\n${options.join('')}`]),
    `What it does not stop\n${manifest.notCovered.map((line) => `  ${line}\n`).join('')}`,
  ].join('\n');
};

/** The same as data. */
export const explanationDocument = ({ manifest, files }: ProtectionPart) => ({
  ok: true,
  command: 'explain',
  ...manifest,
  files: files.map(({ path: file, target }) => ({ path: file, target })),
  attacks: files.flatMap((file) => file.attacks.map((attack) => ({ ...attack, file: file.path }))),
  guards: files.flatMap((file) => file.guards.map((guard) => ({ ...guard, file: file.path, target: file.target }))),
});
