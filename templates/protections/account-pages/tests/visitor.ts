import assert from 'node:assert/strict';
import type { TestApp } from '#tests/support/app.ts';
import { type Received, send } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';
import { formsOf } from '#tests/support/html/markup.ts';

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
const formType = 'application/x-www-form-urlencoded';

type Fields = Readonly<Record<string, string>>;

/** Somebody in front of a browser without script: opens pages, fills in the forms that stand on them, is sent on. */
export class Visitor {
  readonly browser: Browser;
  /** Where the visitor is. */
  path = '/';
  /** What is seen. */
  seen: Received | undefined;

  constructor(browser: Browser) {
    this.browser = browser;
  }

  static of(app: TestApp): Visitor {
    return new Visitor(new Browser(app));
  }

  /** The page that is seen. */
  get page(): string {
    return this.seen?.text ?? '';
  }

  /** Opens an address, and goes on to where the app sends. */
  async open(path: string): Promise<Received> {
    return this.arrive(path, await this.fetch(path));
  }

  /** One GET; goes nowhere. */
  async fetch(path: string, headers: Fields = {}): Promise<Received> {
    const received = await this.browser.get(path, { headers: { accept, 'sec-fetch-mode': 'navigate', ...headers } });
    return received;
  }

  /** Sends the form that posts to `action`, with what it holds and with `fields`, and goes on to where the app sends. */
  async submit(action: string, fields: Fields = {}): Promise<Received> {
    return this.arrive(action, await this.post(action, { ...this.hiddenOf(action), ...fields }));
  }

  /** What the form that posts to `action` holds. Fails when no such form is seen. */
  hiddenOf(action: string): Fields {
    const form = formsOf(this.page).find((each) => each.action === action);
    assert.ok(form !== undefined, `no form on ${this.path} posts to ${action}: ${formsOf(this.page).map((each) => each.action).join()}`);
    return form.hidden;
  }

  /** Posts a form as a browser does, whatever page is seen; goes nowhere. */
  async post(action: string, fields: Fields, headers: Fields = {}): Promise<Received> {
    const { app, address } = this.browser;
    const { origin } = new URL(app.context.config.BASE_URL);
    const own = { ...this.browser.readHeaders(), origin, accept, 'content-type': formType, 'sec-fetch-mode': 'navigate', ...headers };
    const received = await send(app, 'POST', action, { from: address, headers: own, body: new URLSearchParams({ ...fields }).toString() });
    this.browser.keep(received);
    return received;
  }

  async arrive(path: string, received: Received): Promise<Received> {
    this.path = path;
    this.seen = received;
    const next = received.status === 303 ? received.headers['location'] : undefined;
    return next === undefined ? received : this.open(next);
  }
}
