import { noteLine } from '../report-notes.ts';
import type { Terminal } from '../terminal.ts';
import { type Status, isAlarming } from './status.ts';
import type { Weakness } from './weakened.ts';

const saying: Readonly<Record<Weakness['kind'], string>> = {
  'guard-gone': 'the guard is gone',
  'guard-changed': 'the guard was changed',
  'attack-gone': 'the attack is gone',
  'attack-skipped': 'the attack is skipped',
  'proof-changed': 'changed',
  'lock-tampered': '.secure-app was changed',
};

/** What is told to people. */
export const statusText = (status: Status, terminal: Terminal): string => {
  const { name, version, available, security, changes, edited, missing, unresolved, weakened } = status;
  const isCurrent = version === available;
  const blocks = [
    `${terminal.strong(name)}: templates ${version}${isCurrent ? ', the newest that this tool has' : `; this tool has ${available}`}\n`,
    ...block(terminal, 'Security fixes it has not', security.map(noteLine)),
    ...block(terminal, 'Weakened', weakened.map(({ kind, path, items, what }) => `${path}: ${saying[kind]}${items.length === 0 ? '' : ` (${items.join(', ')})`}: ${what}`)),
    ...block(terminal, 'Conflicts that wait for you', unresolved),
    ...block(terminal, 'Other changes it has not', changes.map(noteLine)),
    ...block(terminal, 'Missing', missing),
    ...block(terminal, 'Edited by you', edited),
  ];
  const next = security.length + changes.length > 0 || !isCurrent ? 'Bring them in: create-secure-app upgrade\n' : isAlarming(status) ? '' : 'Nothing to do.\n';
  return [...blocks, ...(next === '' ? [] : [next])].join('\n');
};

const block = (terminal: Terminal, title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${terminal.strong(`${title} (${lines.length})`)}\n${lines.map((line) => `  ${line}\n`).join('')}`];

/** The same as data. */
export const statusDocument = (status: Status) => ({ ok: !isAlarming(status), command: 'status', ...status });
