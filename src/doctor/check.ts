import type { Severity } from '../notes.ts';
import type { ts } from 'ts-morph';
import type { Repository } from './repository.ts';
import type { SourceText } from './source-text.ts';

/** A place in the source that proves something. */
export interface Hit {
  /** Undefined where something is nowhere: then the place is where the app is made. */
  readonly at?: ts.Node;
  /** One sentence: what was seen there. */
  readonly saw: string;
  /** When it is not that of the check. */
  readonly severity?: Severity;
}

/** What is asked of a source. It reports only what the source proves: no false alarm is worth more than many findings. */
export interface Check {
  /** kebab-case; stays the same for ever, since code scanning knows a finding by it. */
  readonly id: string;
  /** Id of an item of the protection that the check belongs to. */
  readonly item: string;
  /** One line: what is wrong when it finds something. */
  readonly title: string;
  readonly severity: Severity;
  /** What to do about it by hand. */
  readonly advice: string;
  /** Where they are narrower than those of the item. */
  readonly cwe?: readonly string[];
  readonly asvs?: readonly string[];
  /** Looks at one file of the server. `mentions`: only a file whose text matches is looked at. */
  readonly file?: { readonly mentions: RegExp; readonly look: (source: SourceText, repository: Repository) => Iterable<Hit> };
  /** Says that the protection is missing in the whole repo, where that can be proven. */
  readonly missing?: (repository: Repository) => Hit | undefined;
}

/** A request that is sent to a running server: it changes nothing there. */
export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The beginning of it. */
  readonly body: string;
}

/** What is asked of a running server. */
export interface Probe extends Omit<Check, 'file' | 'missing'> {
  readonly asks: readonly Ask[];
  /** @returns what one of the answers proves, in a sentence. */
  readonly judge: (replies: readonly Reply[]) => { readonly saw: string; readonly severity?: Severity } | undefined;
}

/** What `doctor.ts` of a protection exports as `doctor`. */
export interface Doctor {
  readonly checks: readonly Check[];
  readonly probes?: readonly Probe[];
}

/** By the id of the protection. */
export type Doctors = Readonly<Record<string, Doctor>>;
