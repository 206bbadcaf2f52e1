import { type InApp, inEvery } from './apps.ts';
import type { Run } from './cli.ts';
import { runAdd } from './add-command.ts';
import { type Changed, unresolved } from './change.ts';
import { type ChangeSetting, changeFlags } from './change-command.ts';
import { realDisk } from './disk.ts';
import { UsageError } from './errors.ts';
import { type FlagName, allowFlags } from './flags.ts';
import { toolEnvironment } from './host.ts';
import { runRemove } from './remove-command.ts';
import { changeDiff, changeDocument, changeListing, changeSuccess, undoneDocument, undoneText } from './report-change.ts';
import { runUpgrade } from './upgrade-command.ts';

/** What each verb does, and which flags it has. */
const verbs = {
  add: { run: runAdd, flags: [...changeFlags, 'app', 'keep', 'replace'] },
  remove: { run: runRemove, flags: [...changeFlags, 'with-required'] },
  upgrade: { run: runUpgrade, flags: [...changeFlags, 'security-only', 'protection', 'adopt', 'create-branch', 'commit', 'all'] },
} as const satisfies Readonly<Record<string, { readonly run: typeof runAdd; readonly flags: readonly FlagName[] }>>;

const isVerb = (word: string | undefined): word is keyof typeof verbs => word !== undefined && Object.hasOwn(verbs, word);

/**
 * Runs a verb that changes an app.
 * @returns the exit code: 2 where conflicts are left.
 */
export const runChangeVerb = async ({ line, cwd, assets, terminal }: Run): Promise<number> => {
  const [word, ...words] = line.words;
  const { values } = line;
  const print = (text: () => string, document: () => unknown): void => terminal.out(values.json ? `${JSON.stringify(document(), null, 2)}\n` : text());
  const dryRun = values['dry-run'] || values.diff;
  if (values.undo) {
    allowFlags('--undo', line, ['undo', 'dry-run', 'yes']);
    if (words.length > 0) throw new UsageError('--undo takes back the last change as a whole; name nothing.');
    const { undo } = await import('./undo.ts');
    const undone = await undo(cwd, { disk: realDisk, env: toolEnvironment(process.env), dryRun });
    print(() => undoneText(undone), () => undoneDocument(undone, dryRun));
    return 0;
  }
  if (!isVerb(word)) throw new UsageError('There is no such verb.');
  const { run, flags } = verbs[word];
  allowFlags(word, line, flags);
  const setting: ChangeSetting = { assets, terminal };
  const here = async (root: string): Promise<InApp> => {
    const changed: Changed = await run(words, root, line, setting);
    for (const warning of changed.warnings) terminal.err(`${warning}\n`);
    const text = dryRun ? (values.diff ? changeDiff(changed) : changeListing(changed)) : changeSuccess(changed, terminal);
    return { text, document: changeDocument(changed, dryRun), exitCode: unresolved(changed).length > 0 ? 2 : 0 };
  };
  const { text, document, exitCode } = await (values.all ? inEvery(cwd, word, here) : here(cwd));
  print(() => text, () => document);
  return exitCode;
};
