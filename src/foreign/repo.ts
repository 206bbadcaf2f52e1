import { type Dirent, lstatSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { Refusal } from '../errors.ts';

/** The largest file that is read: what is longer was not written by a person. */
const largest = 1_000_000;

/** Folders that hold no source of the repo. */
const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor', '.git', '.next', '.turbo', '.cache', '.secure-app']);

/** The files of a repo that was there before us. Every one is untrusted; none is run. Paths are relative, with `/`. */
export class Repo {
  /** Absolute, without symbolic links. */
  readonly root: string;

  constructor(root: string) {
    this.root = realpathSync(root);
  }

  /** True for a file; a symbolic link counts as what it leads to. */
  has(path: string): boolean {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  hasFolder(path: string): boolean {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /**
   * The text of a file; undefined when there is none.
   * @throws Refusal for a link that leads out of the repo (CWE-59), for a file that is too large, and for one that is no UTF-8.
   */
  read(path: string): string | undefined {
    const file = join(this.root, path);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile()) throw new Refusal(`${path} is no file.`);
    const real = realpathSync(file);
    if (real !== file && !real.startsWith(this.root + sep)) throw new Refusal(`${path} is a link that leads out of the repo; it is not read.`);
    if (found.size > largest) throw new Refusal(`${path} has ${found.size} bytes; files of more than ${largest} are not read.`);
    const bytes = readFileSync(real);
    const text = bytes.toString('utf8');
    if (text.includes('\u0000') || (text.includes('\ufffd') && !Buffer.from(text).equals(bytes))) throw new Refusal(`${path} is not text in UTF-8.`);
    return text;
  }

  /** The same, where a file that cannot be read may as well not be there. */
  readIfUsable(path: string): string | undefined {
    try {
      return this.read(path);
    } catch {
      return undefined;
    }
  }

  /** Whether the file itself, or a folder on the way to it, is a symbolic link: nothing is written there. */
  isLinked(path: string): boolean {
    const parts = path.split('/');
    return parts.some((_, index) => lstatSync(join(this.root, ...parts.slice(0, index + 1)), { throwIfNoEntry: false })?.isSymbolicLink() === true);
  }

  /** Names in a folder; empty where there is none. */
  names(folder: string): readonly string[] {
    return this.#entries(folder).map(({ name }) => name);
  }

  /** Files below a folder, those nearest first; `most` at most. Links are not followed. */
  files(folder = '', most = 20_000): readonly string[] {
    const found: string[] = [];
    const waiting = [folder];
    for (let next = waiting.shift(); next !== undefined && found.length < most; next = waiting.shift()) {
      for (const entry of this.#entries(next)) {
        const path = posix.join(next, entry.name);
        if (entry.isDirectory() && !skipped.has(entry.name)) waiting.push(path);
        else if (entry.isFile()) found.push(path);
      }
    }
    return found;
  }

  /** An absolute path as one of the repo; undefined when it is not in there. */
  pathOf(file: string): string | undefined {
    const path = relative(this.root, file).split(sep).join('/');
    return path === '' || path.startsWith('..') ? undefined : path;
  }

  #entries(folder: string): Dirent[] {
    try {
      return readdirSync(join(this.root, folder), { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      return [];
    }
  }
}
