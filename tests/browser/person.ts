import { randomUUID } from 'node:crypto';
import { generateSync } from 'otplib';
import type { BrowserContext, Page } from 'playwright-core';
import { type RunningApp, linkIn, patience } from './running-app.ts';

export const password = 'violin under seven lamps';
export const otherPassword = 'cello above nine candles';

/** An address that nobody else has. */
export const newAddress = (): string => `${randomUUID()}@people.test`;

/** What an authenticator app shows, `ahead` ms from now. */
export const codeOf = (secret: string, ahead = 0): string => generateSync({ secret, epoch: Math.floor((Date.now() + ahead) / 1000) });

/** Somebody in front of a browser. */
export class Person {
  readonly page: Page;
  readonly app: RunningApp;
  readonly email: string;
  /** What the browser complained of: refused by a content security policy, failed in script. */
  readonly complaints: string[] = [];

  constructor(page: Page, app: RunningApp, email = newAddress()) {
    this.page = page;
    this.app = app;
    this.email = email;
    page.setDefaultTimeout(patience);
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async in(context: BrowserContext, app: RunningApp, email?: string): Promise<Person> {
    return new Person(await context.newPage(), app, email);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.app.origin + path);
  }

  /** Presses a button or follows a link of this name. */
  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).or(this.page.getByRole('link', { name, exact: true })).first().click();
  }

  async fill(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  /** Resolves when a page has this heading. */
  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  /** Resolves when the page says so. */
  async reads(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Signs up and confirms the address; ends at sign-in. */
  async signUp(): Promise<void> {
    await this.open('/sign-up');
    await this.fill('Email address', this.email);
    await this.fill('Password', password);
    await this.press('Sign up');
    await this.sees('Look into your mailbox');
    const [mail] = await this.app.mailsTo(this.email);
    await this.page.goto(linkIn(mail, this.app));
    await this.sees('Confirm your address');
    await this.fill('Password', password);
    await this.press('Confirm');
    await this.reads('Your address is confirmed');
  }

  /** Types address and password. */
  async typePassword(typed = password): Promise<void> {
    await this.open('/sign-in');
    await this.fill('Email address', this.email);
    await this.fill('Password', typed);
    await this.press('Sign in');
  }

  async signIn(typed = password): Promise<void> {
    await this.typePassword(typed);
    await this.sees('Your account');
  }

  async signOut(): Promise<void> {
    await this.press('Sign out');
    await this.reads('You are signed out');
  }

  /** The key of an authenticator app, from the page that shows it once. */
  async secret(): Promise<string> {
    const text = await this.page.locator('code.secret').textContent();
    return (text ?? '').replaceAll(' ', '');
  }
}
