import { type Catalogue, foundation, protectionNeeds } from './catalogue.ts';
import { type ChangePorts, type ChangeRequest, type Changed, changeInstalled, emissionOf } from './change.ts';
import { sha256 } from './digest.ts';
import { Refusal } from './errors.ts';
import { type Installed, readerOf } from './installed.ts';
import { basePathOf, basePrefix, isName, lockPath, parseLock } from './lock.ts';
import { targets } from './manifest.ts';
import type { OnDisk, Put } from './merge/tree.ts';
import { closure } from './order.ts';
import { packageManagerFacts, packageManagers } from './package-manager.ts';
import { type State, optionsOf } from './plan.ts';
import { camelCase } from './render/code.ts';
import { isRecord } from './is-record.ts';

/**
 * Gives an app its lock and its base again, from what this tool would emit for it; no other file is touched. What the app
 * has otherwise counts as edited from now on.
 * @throws Refusal when there is nothing to adopt, or no app of ours.
 */
export const adopt = async (request: ChangeRequest, settings: readonly string[], ports: ChangePorts): Promise<Changed> => {
  const { root } = request;
  const read = readerOf(root);
  const lockText = textAt(read, lockPath, 20_000_000) ?? '';
  const state = lockedState(lockText, read, ports.catalogue) ?? foundState(read, settings, ports.catalogue);
  const emission = { ...(await emissionOf(state, ports)), secrets: [] };
  const files = Object.fromEntries([...emission.tree].map(([path, text]) => [path, emission.digests.get(path) ?? sha256(text)]));
  const bases = [...emission.tree].flatMap(([path, text]): [string, Put][] => {
    const before = textAt(read, basePathOf(path)) ?? null;
    return before === text ? [] : [[basePathOf(path), { text, before }]];
  });
  const virtual = (path: string): OnDisk => {
    const text = path.startsWith(basePrefix) ? emission.tree.get(path.slice(basePrefix.length).replace(/\.base$/, '')) : undefined;
    return text === undefined ? read(path) : { kind: 'text', text, mode: 0o644 };
  };
  const installed: Installed = { root, lock: { state, files }, lockText, pending: [], read: virtual };
  const changed = await changeInstalled({ ...request, verify: false, allowDirty: true }, installed, () => ({ state, emission, patched: new Map(bases), warnings: [distance(emission.tree, read, state)] }), ports);
  return { ...changed, outcomes: [] };
};

/** How far the app is from what would be emitted. */
const distance = (tree: ReadonlyMap<string, string>, read: Installed['read'], { version }: State): string => {
  const kinds = [...tree].map(([path, text]) => [path, textAt(read, path) === undefined ? 'missing' : textAt(read, path) === text ? 'same' : 'different'] as const);
  const of = (kind: string): string[] => kinds.flatMap(([path, found]) => (found === kind ? [path] : []));
  const some = (paths: readonly string[]): string => (paths.length === 0 ? '' : ` (${paths.slice(0, 10).join(', ')}${paths.length > 10 ? ', ...' : ''})`);
  return `Of ${tree.size} files that create-secure-app ${version} emits, ${of('same').length} are here as emitted, ${of('different').length} differ${some(of('different'))}, ${of('missing').length} are missing${some(of('missing'))}. What differs counts as edited by you from now on: compare it once.`;
};

const textAt = (read: (path: string, limit?: number) => OnDisk, path: string, limit?: number): string | undefined => {
  const found = read(path, limit);
  return found.kind === 'text' ? found.text : undefined;
};

/**
 * What a lock that is left still says.
 * @throws Refusal when the base is whole as well.
 */
const lockedState = (lockText: string, read: Installed['read'], catalogue: Catalogue): State | undefined => {
  if (lockText === '') return undefined;
  let lock;
  try {
    lock = parseLock(lockText);
  } catch {
    return undefined;
  }
  const lost = Object.entries(lock.files).filter(([path, digest]) => sha256(textAt(read, basePathOf(path)) ?? '') !== digest);
  if (lost.length === 0) throw new Refusal('There is nothing to adopt: the lock and the base are whole. Use upgrade without --adopt.');
  const protections = closure(lock.state.protections.filter((id) => Object.hasOwn(catalogue.protections, id)), protectionNeeds(catalogue));
  return { ...lock.state, version: catalogue.version, protections, options: optionsOf(protections, [], catalogue, lock.state.options) };
};

/** What the files themselves say. */
const foundState = (read: Installed['read'], settings: readonly string[], catalogue: Catalogue): State => {
  const manifest = packageFacts(textAt(read, 'package.json') ?? '');
  const target = targets.filter((name) => manifest?.packages.has(name) === true);
  const always = foundation(catalogue);
  const present = Object.entries(catalogue.protections).flatMap(([id, { files }]) => (files.some(({ path }) => path.startsWith(`src/protections/${id}/`) && read(path).kind === 'text') ? [id] : []));
  const [only] = target;
  if (manifest === undefined || only === undefined || target.length > 1 || always.some((id) => !present.includes(id))) {
    throw new Refusal(`This is no app that create-secure-app made: it looks for package.json with fastify or express, and for ${always.map((id) => `src/protections/${id}`).join(', ')}.`);
  }
  const protections = closure(present, protectionNeeds(catalogue));
  const registry = textAt(read, 'src/protections/index.ts') ?? '';
  return {
    version: catalogue.version,
    name: manifest.name,
    target: only,
    packageManager: packageManagers.find((name) => read(packageManagerFacts[name].lockFile).kind !== 'missing') ?? 'npm',
    pinNode: manifest.packages.has('node'),
    protections,
    options: optionsOf(protections, [...settingsIn(registry, protections, catalogue), ...settings], catalogue),
  };
};

/** The options that the registry passes, as far as they are plain values. */
const settingsIn = (registry: string, protections: readonly string[], catalogue: Catalogue): string[] =>
  protections.flatMap((id) => {
    const passed = new RegExp(`\\b${camelCase(id)}\\(\\{([^{}]*)\\}`).exec(registry)?.[1] ?? '';
    return Object.entries(catalogue.protections[id]?.manifest.options ?? {}).flatMap(([name, { type }]) => {
      const value = new RegExp(`\\b${name}:\\s*(?:'([^'\\\\]*)'|"([^"\\\\]*)"|([\\w.]+))`).exec(passed);
      const text = value?.[1] ?? value?.[2] ?? value?.[3];
      return text === undefined ? [] : [`${id}.${name}=${type === 'integer' ? text.replaceAll('_', '') : text}`];
    });
  });

const packageFacts = (text: string): { readonly name: string; readonly packages: ReadonlySet<string> } | undefined => {
  try {
    const data: unknown = JSON.parse(text);
    if (!isRecord(data) || typeof data['name'] !== 'string' || !isName(data['name'])) return undefined;
    const { name, dependencies, devDependencies } = data;
    return { name, packages: new Set([dependencies, devDependencies].flatMap((list) => (isRecord(list) ? Object.keys(list) : []))) };
  } catch {
    return undefined;
  }
};
