import { join } from 'node:path';
import type { Catalogue, RenderProse } from './catalogue.ts';
import { assertVacant, openStage, writeTree } from './commit.ts';
import { sha256 } from './digest.ts';
import type { Disk } from './disk.ts';
import { Refusal } from './errors.ts';
import { withLock } from './lock.ts';
import { type State, type Wish, plan } from './plan.ts';
import { emit } from './render.ts';
import { mintEnvironment } from './secrets.ts';
import type { Stage } from './stage.ts';
import type { Tree } from './tree.ts';
import type { Check } from './verify.ts';

/** What `create` is asked to do. */
export interface CreateRequest extends Wish {
  /** Absolute. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly install: boolean;
  readonly verify: boolean;
  readonly git: boolean;
  readonly verbose: boolean;
}

/** What the pipeline reaches outside itself for. */
export interface Ports {
  readonly catalogue: Catalogue;
  readonly renderProse: RenderProse;
  readonly disk: Disk;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Keeps what an interruption must clean up. */
  readonly hold: (stage: Stage) => void;
  readonly progress: Progress;
  readonly approve: Approve;
}

/** The last word before anything is written. */
export type Approve = (planned: Created) => Promise<boolean>;

/** Told what happens while it happens. */
export interface Progress {
  planned(created: Created): void;
  started(title: string): void;
  finished(title: string, milliseconds: number): void;
}

export interface CheckResult {
  readonly check: Check['id'];
  readonly milliseconds: number;
}

/** What was done, or with `dryRun` would be. */
export interface Created {
  readonly root: string;
  readonly state: State;
  readonly tree: Tree;
  readonly checks: readonly CheckResult[];
  readonly warnings: readonly string[];
  readonly repository: string | undefined;
}

/**
 * Creates an app: plan -> render -> verify -> commit. Nothing is at `root` before the commit.
 * @throws UsageError for a wish that cannot be met, Refusal when something is there already or a check fails.
 */
export const create = async (request: CreateRequest, ports: Ports): Promise<Created> => {
  const { catalogue, renderProse, disk, progress } = ports;
  const { root } = request;
  const state = plan(request, catalogue);
  assertVacant(root, disk, sha256, { dryRun: request.dryRun });
  const { tree: emitted, digests, secrets } = emit(state, catalogue, renderProse);
  const tree = withLock(emitted, state, (text, file) => digests.get(file) ?? sha256(text));
  const planned: Created = { root, state, tree, checks: [], warnings: [], repository: undefined };
  progress.planned(planned);
  if (request.dryRun) return planned;
  if (!(await ports.approve(planned))) throw new Refusal('Nothing was created.');

  const stage = openStage(root, disk, sha256);
  ports.hold(stage);
  try {
    writeTree(stage.directory, tree, disk);
    const checks = request.install ? await verified(request, state, stage, ports) : [];
    // After the checks, and not in the tree: no test, no digest and no commit ever sees a secret.
    disk.writeFile(join(stage.directory, '.env'), mintEnvironment(secrets), 0o600);
    const early = request.git && stage.isWhole ? await versioned(stage.directory, ports) : {};
    stage.commit();
    const late = request.git && !stage.isWhole ? await versioned(root, ports) : {};
    return { ...planned, checks, ...early, ...late };
  } finally {
    stage.discard();
  }
};

const verified = async (request: CreateRequest, state: State, stage: Stage, { env, signal, progress }: Ports): Promise<CheckResult[]> => {
  const { checksOf, runCheck } = await import('./verify.ts');
  const results: CheckResult[] = [];
  for (const check of checksOf(state.packageManager, request)) {
    progress.started(check.title);
    const start = performance.now();
    await runCheck(check, { directory: stage.directory, env, signal, verbose: request.verbose });
    const milliseconds = Math.round(performance.now() - start);
    progress.finished(check.title, milliseconds);
    results.push({ check: check.id, milliseconds });
  }
  return results;
};

const versioned = async (root: string, { env, signal }: Ports): Promise<Pick<Created, 'warnings' | 'repository'>> => {
  const { firstCommit } = await import('./git.ts');
  const outcome = await firstCommit(root, env, signal);
  return outcome.done ? { warnings: [], repository: outcome.summary } : { warnings: [`No first commit: ${outcome.reason}.`], repository: undefined };
};

