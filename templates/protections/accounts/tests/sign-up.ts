import { randomUUID } from 'node:crypto';
import type { TestApp } from '#tests/support/app.ts';
import { goodPassword } from '#tests/support/auth-password/people.ts';
import type { Received } from '#tests/support/http.ts';
import { Browser } from '#tests/support/sessions/browser.ts';

/** An address that nobody else has. */
export const newAddress = (): string => `${randomUUID()}@people.test`;

/** Signs up, each time from another browser unless one is given. */
export const signUp = (app: TestApp, email: string, password = goodPassword, browser = new Browser(app)): Promise<Received> =>
  browser.post('/auth/register', { email, password });

export const verify = (app: TestApp, code: unknown, password = goodPassword): Promise<Received> => new Browser(app).post('/auth/verify-email', { code, password });

export const resend = (app: TestApp, email: string): Promise<Received> => new Browser(app).post('/auth/verify-email/resend', { email });

export const accept = (app: TestApp, code: unknown, password = goodPassword): Promise<Received> => new Browser(app).post('/auth/invitations/accept', { code, password });
