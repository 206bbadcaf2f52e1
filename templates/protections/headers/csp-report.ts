/** Where browsers send what the policy refused. */
export const cspReportPath = '/csp-reports';
/** The name of that endpoint in `Reporting-Endpoints`. */
export const cspReportGroup = 'csp';

/** Reports one app takes in: so many at once, then so many each second. A report is a hint and may be lost. */
const BURST = 50;
const PER_SECOND = 10;

/** A token bucket for all clients together: reports are written to the log, and the log must not be filled by strangers (CWE-779). */
export class ReportBudget {
  #left = BURST;
  #at: number;

  /** @param now monotonic time, ms. */
  constructor(now: number) {
    this.#at = now;
  }

  /** Takes one report out of the budget; false when it is used up. */
  take(now: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return false; // protect: B5
    this.#left -= 1;
    return true;
  }
}

/** What of a report is worth a log line. */
export interface Violation {
  readonly directive: string;
  /** Scheme, host and path of what was blocked, or a keyword such as `inline`. */
  readonly blocked: string;
  /** The page, without query and fragment: they may hold secrets (CWE-532). */
  readonly page: string;
}

/**
 * Reads both forms of a report: `{"csp-report": {...}}` (CSP Level 2) and `[{"type": "csp-violation", "body": {...}}]`
 * (Reporting API). Everything in it was written by somebody else: texts are cut, URLs lose their query, the rest is dropped.
 */
export const readViolations = (report: unknown): readonly Violation[] => {
  const entries: readonly unknown[] = Array.isArray(report) ? report : [report];
  return entries.slice(0, 10).flatMap((entry) => {
    const body = member(entry, 'csp-report') ?? member(entry, 'body');
    if (body === undefined) return [];
    return {
      directive: text(member(body, 'effectiveDirective') ?? member(body, 'effective-directive') ?? member(body, 'violated-directive')),
      blocked: withoutQuery(text(member(body, 'blockedURL') ?? member(body, 'blocked-uri'))),
      page: withoutQuery(text(member(body, 'documentURL') ?? member(body, 'document-uri'))),
    };
  });
};

const member = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
};

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 300) : '');

const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');
