import type { JournalEntry } from './journal.ts';

/** Files that are prepared beside the place where they will stand. */
export interface Stage {
  /** Whether the project appears as a whole; else a directory that exists is filled. */
  readonly isWhole: boolean;
  /** The directory that will be the project, or, for a project that exists, holds what will be put into it. */
  readonly directory: string;
  /** Moves everything to its place. After it the stage is gone. */
  commit(changes?: StagedChanges): void;
  /** Takes back everything that was prepared. Harmless after `commit`. */
  discard(): void;
}

/** What a commit does to a project that exists. By default everything staged is put at the top. */
export interface StagedChanges {
  /** Paths below the stage; a file, or a directory where there is none yet. */
  readonly put: readonly JournalEntry[];
  readonly remove: readonly JournalEntry[];
  /** Makes the change one that can be taken back: the text of its record, which is kept with what stood there before. Null forgets the last one. */
  readonly record?: string | null;
}
