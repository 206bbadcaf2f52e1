type Source = Readonly<Record<string, string | undefined>>;

const truth: Readonly<Record<string, boolean>> = { true: true, on: true, '1': true, false: false, off: false, '0': false };

/**
 * Reads environment variables and collects what is wrong with them, so that a start reports every problem at once.
 * A problem names the variable and the rule, never the value: it may be a secret.
 */
export class EnvReader {
  readonly problems: string[] = [];
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  string(name: string, fallback: string): string {
    return this.#read(name) ?? fallback;
  }

  optionalString(name: string): string | undefined {
    return this.#read(name);
  }

  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const text = this.#read(name);
    if (text === undefined) return fallback;
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range.min && value <= range.max) return value;
    this.problems.push(`${name} must be a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.#read(name);
    if (text === undefined) return fallback;
    const value = truth[text.toLowerCase()];
    if (value === undefined) this.problems.push(`${name} must be on or off`);
    return value ?? fallback;
  }

  list(name: string, fallback: readonly string[]): readonly string[] {
    const text = this.#read(name);
    if (text === undefined) return fallback;
    return text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  }

  choice<const C extends string>(name: string, choices: readonly C[], fallback: NoInfer<C>): C {
    const text = this.#read(name);
    if (text === undefined) return fallback;
    const value = choices.find((choice) => choice === text);
    if (value === undefined) this.problems.push(`${name} must be one of ${choices.join(', ')}`);
    return value ?? fallback;
  }

  url(name: string, fallback: string): string {
    const text = this.#read(name) ?? fallback;
    if (!URL.canParse(text)) this.problems.push(`${name} must be an absolute URL`);
    return text;
  }

  /** Scheme, host and port, nothing else: `https://app.example`. */
  origin(name: string, fallback: string): string {
    const text = this.#read(name) ?? fallback;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && (text === url.origin || text === `${url.origin}/`)) return url.origin;
    this.problems.push(`${name} must be an origin such as https://app.example, without path or credentials`);
    return fallback;
  }

  optionalUrl(name: string, protocols: readonly string[]): string | undefined {
    const text = this.#read(name);
    if (text === undefined) return undefined;
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    this.problems.push(`${name} must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
    return undefined;
  }

  /** base64url text of at least `bytes` bytes; a made-up sentence is no key. */
  secret(name: string, bytes: number): string {
    const text = this.#read(name) ?? '';
    if (!/^[\w-]+$/.test(text) || Buffer.from(text, 'base64url').length < bytes) {
      this.problems.push(`${name} must hold at least ${bytes} random bytes as base64url (openssl rand -base64 ${bytes} | tr '+/' '-_' | tr -d '=')`);
    }
    return text;
  }

  /** An empty variable counts as absent: compose files and CI pass `NAME=` for "not set". */
  #read(name: string): string | undefined {
    const text = this.#source[name]?.trim();
    return text === '' ? undefined : text;
  }
}
