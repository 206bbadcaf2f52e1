import { hash, randomUUID } from 'node:crypto';

/** A place in the storage: a folder for its owner, and a random name. Nothing that a client said is part of it (CWE-22). */
export type StorageKey = string & { readonly __key: unique symbol };

const pattern = /^[0-9a-f]{32}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isKey = (text: string): text is StorageKey => pattern.test(text);

/** The text is no storage key: the row that it came from was not written by this app. */
export class BadKeyError extends Error {
  constructor() {
    super('This is no key of the storage.');
    this.name = 'BadKeyError';
  }
}

/**
 * Reads a key that was kept elsewhere, for example in a row.
 * @throws BadKeyError for everything that this app would not have made: `..`, absolute paths, links to others.
 */
export const readKey = (text: string): StorageKey => {
  if (isKey(text)) return text;
  throw new BadKeyError();
};

/** A new key in the folder of an owner. */
export const newKey = (owner: { readonly id: string; readonly tenant?: string }): StorageKey =>
  readKey(`${hash('sha256', JSON.stringify([owner.tenant ?? null, owner.id])).slice(0, 32)}/${randomUUID()}`);
