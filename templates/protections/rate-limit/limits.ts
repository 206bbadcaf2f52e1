/** A limit on requests that a route asks for by name: `limits: ['sign-in']` in its spec. */
export interface RequestLimit {
  /** `actor`: by API key, else by user, else by client address. `ip`: by client address, whoever it says it is. */
  readonly by: 'actor' | 'ip';
  /** The most requests in any window. */
  readonly limit: number;
  readonly windowMs: number;
  /**
   * What happens while the shared store does not answer. `closed`: 503, for everything that can be guessed or that costs
   * money. `open`: this process counts for itself meanwhile, for what honest users miss most.
   */
  readonly whenStoreIsDown: 'closed' | 'open';
}

const minute = 60_000;
const hour = 60 * minute;

/** Every named limit of the app. A route that names another refuses to boot. */
export const limits: Readonly<Record<string, RequestLimit>> = {
  'sign-in': { by: 'ip', limit: 20, windowMs: 15 * minute, whenStoreIsDown: 'closed' },
  ceremony: { by: 'ip', limit: 60, windowMs: minute, whenStoreIsDown: 'open' },
  'sign-up': { by: 'ip', limit: 10, windowMs: hour, whenStoreIsDown: 'closed' },
  'password-reset': { by: 'ip', limit: 5, windowMs: 15 * minute, whenStoreIsDown: 'closed' },
  token: { by: 'ip', limit: 30, windowMs: minute, whenStoreIsDown: 'closed' },
  contact: { by: 'ip', limit: 5, windowMs: hour, whenStoreIsDown: 'closed' },
  upload: { by: 'actor', limit: 20, windowMs: 10 * minute, whenStoreIsDown: 'closed' },
  export: { by: 'actor', limit: 5, windowMs: 10 * minute, whenStoreIsDown: 'closed' },
  search: { by: 'actor', limit: 30, windowMs: minute, whenStoreIsDown: 'open' },
  read: { by: 'actor', limit: 300, windowMs: minute, whenStoreIsDown: 'open' },
  write: { by: 'actor', limit: 120, windowMs: minute, whenStoreIsDown: 'open' },
};
