import type { Service } from '#src/services/setup.ts';
import type { StorageKey } from './key.ts';

/** The first and the last byte of a part of a file, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Stored files. They never change: a key is written once. */
export interface FileStore {
  /**
   * Takes over a finished file of this machine under a new key; the local file is gone afterwards.
   * @throws Error when the key exists, or leads out of the storage.
   */
  adopt(key: StorageKey, file: string): Promise<void>;
  /** The bytes of a file, or a part of them. Nothing is opened before the first piece is asked for. @throws Error when it does not exist. */
  read(key: StorageKey, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Deletes a file; one that does not exist is no failure. */
  remove(key: StorageKey): Promise<void>;
  /** Rejects when the storage cannot work. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The storage of the app, and the folder where files wait until they are checked. */
export interface Storage extends FileStore, Service {
  /** Absolute; for this user alone, and served by nobody. */
  readonly quarantine: string;
}
