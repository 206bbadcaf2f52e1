import type { Note } from '../../src/notes.ts';

/** Notes of the command itself, for CHANGELOG.md; those of what is emitted stand in the folder of each part. */
export const toolNotes: readonly Pick<Note, 'version' | 'what'>[] = [
  { version: '0.1.0', what: '`create-secure-app [dir]` emits a hardened server on Fastify 5 or Express 5, with tests that attack it.' },
  { version: '0.1.0', what: '`list` and `explain <protection>` show the catalogue.' },
  { version: '0.1.0', what: 'The same verbs run as plop generators.' },
  { version: '0.1.0', what: 'Each package manager is told what npm is told: exact versions, no install scripts, nothing younger than a week.' },
  { version: '0.1.0', what: '`npm run test:removal` in the emitted app takes out one guard after the other and demands that an attack notices.' },
  { version: '0.1.0', what: '`add`, `remove` and `upgrade` merge what was emitted, what you made of it, and what would be emitted now; `--undo` takes the last of them back.' },
  { version: '0.1.0', what: '`upgrade` brings security fixes alone, or some protections, tells the reasons, follows renamed exports, makes a branch and commits, and adopts an app whose lock was lost.' },
  { version: '0.1.0', what: '`add` brings protections to Fastify and Express repos that create-secure-app did not make.' },
  { version: '0.1.0', what: '`status` says what an app lacks: newer templates, security fixes, edited and missing files, guards and attacks that are gone.' },
  { version: '0.1.0', what: '`doctor` says what any server repo on Fastify or Express lacks, as far as its source, or a server on this machine, proves it.' },
];
