import type { Assets } from '../assets.ts';
import type { Protection, Target } from '../manifest.ts';
import { installedAt } from '../installed.ts';
import { type Severity, severities } from '../notes.ts';
import { examine } from './examine.ts';
import type { Finding, Subject } from './finding.ts';
import { installedFindings } from './installed-findings.ts';
import { localServer } from './loopback.ts';
import { probe } from './probe.ts';
import { type ReadRepo, type Skipped, readRepo } from './read.ts';

/** How a protection of the catalogue stands in a repo; `unknown`: its source proves neither. */
export type State = 'present' | 'weak' | 'missing' | 'unknown';

export interface Standing {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  /** What does it there, when something does: what this tool brought, or the name of a package. */
  readonly by: string | null;
}

export interface Diagnosis {
  readonly name: string;
  readonly target: Target;
  readonly major: number;
  readonly protections: readonly Standing[];
  readonly findings: readonly Finding[];
  /** What keeps from saying that something is missing. */
  readonly opaque: readonly string[];
  readonly skipped: readonly Skipped[];
  readonly probed: string | null;
}

/**
 * Examines the repo at `root`, and the server at `url` when there is one. Writes nothing, runs nothing of it.
 * @throws Refusal when it is no server repo that can be read, or when the server is not on this machine or does not answer.
 */
export const diagnose = async (root: string, url: string | undefined, assets: Assets): Promise<Diagnosis> => {
  const catalogue = assets.catalogue();
  const doctors = assets.doctors();
  const server = url === undefined ? undefined : await localServer(url);
  const installed = installedAt(root);
  const read = readRepo(root, catalogue.foreign.packages);
  const subject: Subject = { chosen: new Set(installed?.lock.state.protections), isForeign: installed === undefined || installed.lock.state.foreign !== undefined };
  const { findings, skipped } = examine(read, doctors, catalogue, subject);
  const all = [
    ...(installed === undefined ? [] : await installedFindings(installed, assets)),
    ...findings,
    ...(server === undefined ? [] : await probe(server, doctors, catalogue, subject, read.app)),
  ];
  const manifests = Object.values(catalogue.protections).map(({ manifest }) => manifest);
  return {
    name: read.facts.name,
    target: read.facts.target,
    major: read.facts.major,
    protections: manifests.map((manifest) => standingOf(manifest, all, subject, read)),
    findings: all,
    opaque: subject.isForeign ? read.repository.opaque : [],
    skipped: [...read.skipped, ...skipped],
    probed: server?.url ?? null,
  };
};

const standingOf = ({ id, title, foreign }: Protection, findings: readonly Finding[], { chosen }: Subject, { repository }: ReadRepo): Standing => {
  const own = findings.filter(({ protection }) => protection === id);
  const by = chosen.has(id) ? 'create-secure-app' : ((foreign?.sameJob ?? []).find((name) => repository.present.has(name)) ?? null);
  const state = own.some(({ kind }) => kind === 'missing') ? 'missing' : own.length > 0 ? 'weak' : by === null ? 'unknown' : 'present';
  return { id, title, state, by };
};

export const isSeverity = (word: string): word is Severity => severities.some((known) => known === word);

/** Findings that are as bad as `least`, or worse. */
export const atLeast = (findings: readonly Finding[], least: Severity): Finding[] => findings.filter(({ severity }) => severities.indexOf(severity) >= severities.indexOf(least));
