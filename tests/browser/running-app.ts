import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { vi } from 'vitest';
import { presetIds } from '../../src/catalogue.ts';
import type { Target } from '../../src/manifest.ts';
import { readCatalogue, repositoryRoot } from '../../scripts/catalogue/read.ts';
import { close, emitApp } from '../emitted/emitted-app.ts';

const { catalogue } = await readCatalogue();

/** The preset `web`, and what else a browser meets. */
export const webProtections = (): readonly string[] => {
  const { web } = catalogue.presets.presets;
  if (web === undefined) throw new Error('There is no preset `web`.');
  return close([...presetIds(catalogue, web), 'contact-form', 'cors']);
};

/** Below the ports that operating systems hand out by themselves: nothing takes it before the app does. */
const randomPort = (): number => 20_000 + Math.floor(Math.random() * 12_000);

/** A port that nobody listens on. */
export const freePort = async (): Promise<number> => {
  const port = randomPort();
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
  if (!isFree) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

export const portOf = (server: { address(): AddressInfo | string | null }): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return address.port;
};

/** One line of the log of an app. */
type Line = Readonly<Record<string, unknown>>;

/** An emitted app as people run it: a process of its own, on loopback, with its own database and a folder for mails. */
export interface RunningApp {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly log: () => readonly Line[];
  /** The texts of the mails to an address, once there are `count`. */
  readonly mailsTo: (address: string, count?: number) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

interface Start {
  readonly name: string;
  readonly target: Target;
  readonly port: number;
  readonly origin: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long anything may take that happens in another process, ms. */
export const patience = 120_000;

/** Starts an app; resolves when it listens. */
export const startApp = async ({ name, target, port, origin, env = {} }: Start): Promise<RunningApp> => {
  const { directory } = emitApp(name, target, webProtections());
  const child = spawn(process.execPath, ['--disable-proto=delete', 'src/server.ts'], {
    cwd: directory,
    env: { ...quietEnvironment(), NODE_ENV: 'development', HOST: '127.0.0.1', PORT: String(port), BASE_URL: origin, OUTBOX_DIR: 'data/outbox', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const log = (): readonly Line[] => output.split('\n').flatMap(parseLine);
  await until(() => {
    if (child.exitCode !== null) throw new Error(`The app ended with ${child.exitCode}:\n${output}`);
    return log().some(({ msg }) => msg === 'listening');
  });
  const outbox = path.join(directory, 'data/outbox');
  return { origin, log, mailsTo: (address, count = 1) => mailsIn(outbox, address, count), stop: () => stop(child) };
};

/** What the app of the tests reads comes from the test alone. */
const quietEnvironment = (): NodeJS.ProcessEnv => ({ PATH: `${path.join(repositoryRoot, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, HOME: process.env['HOME'] });

const parseLine = (line: string): Line[] => {
  if (!line.startsWith('{') || !line.endsWith('}')) return [];
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null ? [{ ...parsed }] : [];
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
};

const mailsIn = async (outbox: string, address: string, count: number): Promise<readonly string[]> => {
  const found = (): string[] => filesIn(outbox).filter((text) => text.includes(`To: ${address}\n`));
  await until(() => found().length >= count);
  return found();
};

/** The names begin with the time. */
const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  } catch {
    return [];
  }
};

/** Waits until something holds; whatever it throws ends the wait. */
export const until = async (holds: () => boolean): Promise<void> => {
  let fault: unknown;
  await vi.waitUntil(
    () => {
      try {
        return holds();
      } catch (error) {
        fault = error;
        return true;
      }
    },
    { timeout: patience, interval: 50 },
  );
  if (fault !== undefined) throw fault;
};

/** The link of this app in a mail. */
export const linkIn = (mail: string | undefined, { origin }: Pick<RunningApp, 'origin'>): string => {
  const link = mail?.split(/\s/).find((word) => word.startsWith(`${origin}/`));
  if (link === undefined) throw new Error(`No link in: ${mail}`);
  return link;
};
