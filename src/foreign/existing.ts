import { Refusal } from '../errors.ts';
import type { Protection } from '../manifest.ts';
import type { Findings } from './inspect.ts';
import type { Present } from './present.ts';

/** What the person said about registrations that do the same job. */
export interface Decisions {
  readonly replace: readonly string[];
  readonly keep: readonly string[];
}

/** A registration in the repo that does the job of a protection. */
export interface Rival {
  readonly protection: Protection;
  readonly present: Present;
}

export const rivalsOf = (protections: readonly Protection[], { present }: Findings): Rival[] =>
  protections.flatMap((protection) => (protection.foreign?.sameJob ?? []).flatMap((name) => present.filter((each) => each.name === name).slice(0, 1).map((each) => ({ protection, present: each }))));

const flagName = (name: string): string => (name.includes(' ') ? `'${name}'` : name);

/** Asks about every registration that nobody decided on. */
export const askAbout = async (rivals: readonly Rival[], { replace, keep }: Decisions, ask: (message: string, choices: readonly string[]) => Promise<string>): Promise<Decisions> => {
  const given = { replace: [...replace], keep: [...keep] };
  for (const { protection, present } of rivals) {
    const { name, file, line } = present;
    if (given.replace.includes(name) || given.keep.includes(name)) continue;
    const answer = await ask(`${name} (${file}:${line}) does the job of ${protection.id} already.`, ['keep', 'replace']);
    given[answer === 'replace' ? 'replace' : 'keep'].push(name);
  }
  return given;
};

/**
 * Decides on registrations that do the same job.
 * @returns the ids of the protections that are left out because what is there is kept, what is to be replaced, and sentences about it.
 * @throws Refusal when nobody said what is to be done, or when something is to be replaced that only its owner can take out.
 */
export const settle = (rivals: readonly Rival[], { replace, keep }: Decisions): { readonly leftOut: readonly string[]; readonly replaced: readonly Present[]; readonly notes: readonly string[] } => {
  const leftOut: string[] = [];
  const notes: string[] = [];
  const replaced: Present[] = [];
  for (const { protection, present } of rivals) {
    const { name, file, line } = present;
    const place = `${file}:${line}`;
    const { id, foreign } = protection;
    if (replace.includes(name)) {
      // What is no package has no import by which its registration could be told.
      if (name.includes(' ')) throw new Refusal(`\`${id}\` is to replace the ${name} at ${place}: take that out yourself, and run this again. What it answers is yours to decide.`);
      replaced.push(present);
      notes.push(`${name} (${place}) is commented out: \`${id}\` does its job. Take the lines out, and the package, when you are content.`);
      continue;
    }
    if (!keep.includes(name)) {
      const kept = foreign?.standsBeside === true ? `both then work side by side` : `\`${id}\` is then left out`;
      throw new Refusal(`${name} does the job of \`${id}\` already (${place}). Say what is wanted: --keep ${flagName(name)} (${kept}) or --replace ${flagName(name)}.`);
    }
    if (foreign?.standsBeside === true) notes.push(`${name} (${place}) and \`${id}\` work side by side; what ${name} says of an answer stays.`);
    else {
      leftOut.push(id);
      notes.push(`\`${id}\` was left out: ${name} (${place}) is kept.`);
    }
  }
  return { leftOut, replaced, notes };
};
