import { perApp } from '#src/protections/app-core/per-app.ts';

/** Origins of others whose pages may send changes; `cors` fills it from its list. */
export class TrustedOrigins {
  readonly #checks: ((origin: string) => boolean)[] = [];

  /** Adds a way to tell that an origin is trusted. */
  trust(check: (origin: string) => boolean): void {
    this.#checks.push(check);
  }

  isTrusted(origin: string): boolean {
    return this.#checks.some((check) => check(origin));
  }
}

/** The origins that an app trusts. */
export const csrfOf = perApp(() => new TrustedOrigins());
