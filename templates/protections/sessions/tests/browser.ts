import { type Received, type SendOptions, send } from '#tests/support/http.ts';
import type { TestApp } from '#tests/support/app.ts';

const csrfPath = '/auth/csrf';
const isUnsafe = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method);

let machines = 0;

/** A loopback address that nothing else comes from, in this test process and those beside it, which may share its database. */
const ownAddress = (): string => {
  machines += 1;
  const number = (1 + (process.pid % 4094)) * 4096 + (machines % 4096);
  return `127.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
};

/**
 * A browser as the app sees one: keeps cookies, says where a request was made, sends the CSRF token with its changes, and comes from
 * an address of its own.
 */
export class Browser {
  readonly app: TestApp;
  readonly address: string;
  readonly #cookies = new Map<string, string>();
  #csrf: { readonly token: string; readonly cookies: string } | undefined;

  constructor(app: TestApp, address = ownAddress()) {
    this.app = app;
    this.address = address;
  }

  get(path: string, options: SendOptions = {}): Promise<Received> {
    return this.send('GET', path, options);
  }

  post(path: string, body?: unknown, options: SendOptions = {}): Promise<Received> {
    return this.send('POST', path, { body, ...options });
  }

  put(path: string, body?: unknown, options: SendOptions = {}): Promise<Received> {
    return this.send('PUT', path, { body, ...options });
  }

  patch(path: string, body?: unknown, options: SendOptions = {}): Promise<Received> {
    return this.send('PATCH', path, { body, ...options });
  }

  delete(path: string, options: SendOptions = {}): Promise<Received> {
    return this.send('DELETE', path, options);
  }

  /** Sends a request as a page of the app would; headers that are given win. */
  async send(method: string, path: string, { headers = {}, ...options }: SendOptions = {}): Promise<Received> {
    const own = { ...(isUnsafe(method) ? await this.ownHeaders() : this.readHeaders()), ...headers };
    const received = await send(this.app, method, path, { from: this.address, ...options, headers: own });
    this.keep(received);
    return received;
  }

  /** The headers of a read: cookies, and where it was made. */
  readHeaders(): Record<string, string> {
    const { cookies } = this;
    return { ...(cookies === '' ? {} : { cookie: cookies }), 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
  }

  /** The headers of a change: with the token. */
  async ownHeaders(): Promise<Record<string, string>> {
    const token = await this.csrfToken();
    const { origin } = new URL(this.app.context.config.BASE_URL);
    return { ...this.readHeaders(), origin, ...(token === undefined ? {} : { 'x-csrf-token': token }) };
  }

  /** The CSRF token for the cookies as they are; undefined in an app without csrf. */
  async csrfToken(): Promise<string | undefined> {
    if (!this.app.context.routing.inventory.some(({ fullPath }) => fullPath === csrfPath)) return undefined;
    if (this.#csrf?.cookies !== this.cookies) {
      const received = await send(this.app, 'GET', csrfPath, { from: this.address, headers: this.readHeaders() });
      this.keep(received);
      this.#csrf = { token: String(received.json()['token']), cookies: this.cookies };
    }
    return this.#csrf?.token;
  }

  /** The `Cookie` header. */
  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  /** The value of the session cookie, over http or https. */
  get session(): string | undefined {
    return this.cookie('sid') ?? this.cookie('__Host-sid');
  }

  /** Another browser with the same cookies: what a thief would have. */
  copy(): Browser {
    const other = new Browser(this.app);
    for (const [name, value] of this.#cookies) other.setCookie(name, value);
    return other;
  }

  /** Takes the cookies of an answer over, as a browser does. */
  keep({ headers }: Received): void {
    for (const line of headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = line.split('; ');
      const name = pair.slice(0, pair.indexOf('='));
      if (attributes.includes('Max-Age=0')) this.#cookies.delete(name);
      else this.#cookies.set(name, pair.slice(name.length + 1));
    }
  }
}
