import type { Assets } from '../assets.ts';
import type { Catalogue } from '../catalogue.ts';
import { toolEnvironment } from '../host.ts';
import type { Installed } from '../installed.ts';
import { lockPath } from '../lock.ts';
import type { Severity } from '../notes.ts';
import { projectCode } from '../project-code.ts';
import { repositoryOf } from '../repository.ts';
import { statusOf } from '../status/status.ts';
import type { Weakness } from '../status/weakened.ts';
import type { Finding } from './finding.ts';

const lost: Readonly<Record<Weakness['kind'], { readonly title: string; readonly severity: Severity }>> = {
  'guard-gone': { title: 'A guard is gone', severity: 'high' },
  'guard-changed': { title: 'A guard was changed', severity: 'high' },
  'attack-gone': { title: 'An attack is gone: nothing proves its guard any more', severity: 'medium' },
  'attack-skipped': { title: 'An attack is skipped: nothing proves its guard any more', severity: 'medium' },
  'proof-changed': { title: 'What runs the attacks was changed', severity: 'medium' },
  'lock-tampered': { title: 'What was emitted is told otherwise', severity: 'high' },
};

/** What `status` finds in an app of ours: guards and attacks that are less than they were, and security fixes it has not. */
export const installedFindings = async (installed: Installed, assets: Assets): Promise<Finding[]> => {
  const { root, read } = installed;
  const catalogue = assets.catalogue();
  const status = await statusOf(installed, {
    catalogue,
    renderProse: assets.prose(),
    notes: assets.notes(),
    moves: () => repositoryOf(root, toolEnvironment(process.env))?.moves() ?? new Map(),
    others: (emitted) => projectCode(root, read, emitted),
  });
  const weakened = status.weakened.map(({ kind, path, items, what }): Finding => {
    const isThere = read(path).kind === 'text';
    return { ...lost[kind], ...factsOf(items, catalogue), check: kind, kind: 'weak', saw: isThere ? what : `${path}: ${what}`, file: isThere ? path : lockPath, line: 1, column: 1, advice: 'Put it back as it was emitted (it stands in .secure-app/base), or say in the review why not.', fix: null };
  });
  const waiting = status.security.map((note): Finding => {
    const items = note.kind === 'security' ? note.items : [];
    const severity = note.kind === 'security' ? note.severity : 'medium';
    return { ...factsOf(items, catalogue), check: 'security-fix-waiting', kind: 'weak', severity, title: 'A security fix waits', saw: `${note.part.split('/').at(-1) ?? note.part} ${note.version}: ${note.what}`, file: lockPath, line: 1, column: 1, advice: note.action ?? 'Bring it in.', fix: 'create-secure-app upgrade' };
  });
  return [...weakened, ...waiting];
};

const factsOf = (ids: readonly string[], { protections }: Catalogue): Pick<Finding, 'protection' | 'item' | 'itemTitle' | 'asvs' | 'cwe'> => {
  const found = Object.values(protections).flatMap(({ manifest }) => Object.entries(manifest.items).flatMap(([item, facts]) => (ids.includes(item) ? [{ protection: manifest.id, item, facts }] : [])));
  const [first] = found;
  return {
    protection: first?.protection ?? '',
    item: first?.item ?? '',
    itemTitle: first?.facts.title ?? '',
    asvs: [...new Set(found.flatMap(({ facts }) => facts.asvs))],
    cwe: [...new Set(found.flatMap(({ facts }) => facts.cwe))],
  };
};
