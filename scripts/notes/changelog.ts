import { type Note, type Notes, compareVersions } from '../../src/notes.ts';
import type { Protection } from '../../src/manifest.ts';
import type { Released } from './parts.ts';
import { toolNotes } from './tool.ts';

/** What CHANGELOG.md is made from. */
export interface ChangelogFacts {
  readonly version: string;
  readonly protections: readonly Protection[];
  readonly notes: Notes;
  readonly released: Released;
}

/** The text of CHANGELOG.md, newest version first. */
export const changelog = ({ version, protections, notes, released }: ChangelogFacts): string => {
  const arrivals = protections.map(({ id, summary, kind }) => ({ version: released.parts[`protections/${id}`]?.since ?? version, line: `\`${id}\`${kind === 'core' ? '' : ' (option)'}: ${summary}` }));
  const entries = Object.entries(notes).flatMap(([part, list]) => list.map((change) => ({ part, change })));
  const versions = [...new Set([version, ...toolNotes.map((change) => change.version), ...arrivals.map((arrival) => arrival.version), ...entries.map(({ change }) => change.version)])];
  const sections = versions.toSorted((a, b) => compareVersions(b, a)).map((of) => {
    const told = (kind: Note['kind']): string[] => entries.filter(({ change }) => change.version === of && change.kind === kind).map(({ part, change }) => entryLine(part, change));
    return [
      `## ${of}${compareVersions(of, released.version) > 0 ? ' (unreleased)' : ''}`,
      ...block('Security', told('security')),
      ...block('The command', toolNotes.filter((change) => change.version === of).map(({ what }) => what)),
      ...block('New protections', arrivals.filter((arrival) => arrival.version === of).map(({ line }) => line)),
      ...block('Changed in what is emitted', told('feature')),
      ...block('Fixed in what is emitted', told('fix')),
    ].join('\n\n');
  });
  return `# Changelog\n\nWritten by \`npm run changelog\` from the notes of each part.\n\n${sections.join('\n\n')}\n`;
};

const block = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`### ${title}`, lines.map((line) => `- ${line}`).join('\n')]);

const entryLine = (part: string, change: Note): string => {
  const severity = change.kind === 'security' ? ` (${change.severity}; ${change.items.join(', ')})` : '';
  return `**${part.split('/').at(-1)}**${severity}: ${change.what} ${change.why}${change.action === undefined ? '' : ` What you must do: ${change.action}`}`;
};
