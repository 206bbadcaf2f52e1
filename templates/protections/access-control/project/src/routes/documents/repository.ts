import type { ExpressionBuilder } from 'kysely';
import { type Cursor, timeOf } from '#src/protections/database/cursor.ts';
import { containing } from '#src/protections/database/like.ts';
import type { Direction } from '#src/protections/database/list-query.ts';
import type { Actor } from '#src/protections/app-core/context.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Queries } from '#src/services/db/database.ts';
import type { Comment, ModeratedDocument, sorts } from './schemas.ts';

/** The most rows that one answer holds. */
const MOST_ROWS = 1000;

type Sort = (typeof sorts)[number];
type Documents = ExpressionBuilder<Database, 'documents'>;

/** A page of a list; times as RFC 3339 text. */
export interface ListOptions {
  readonly sort: Sort;
  readonly direction: Direction;
  readonly limit: number;
  readonly after: Cursor | undefined;
}

/** The columns that leave the table. Never all: a column added later must not leave by itself (CWE-213). */
const columns = [
  'documents.id',
  'documents.title',
  'documents.body',
  'documents.moderation_note',
  'documents.created_at',
  'documents.updated_at',
] as const;

const sortColumns = { createdAt: 'documents.created_at', updatedAt: 'documents.updated_at', title: 'documents.title' } as const;

interface Row {
  id: string;
  title: string;
  body: string;
  moderation_note: string;
  created_at: Date;
  updated_at: Date;
}

const toDocument = (row: Row): ModeratedDocument => ({
  id: row.id,
  title: row.title,
  body: row.body,
  moderationNote: row.moderation_note,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/**
 * The documents of `actor`; those of others do not exist here. There is no other way to the table, and every query asks
 * for owner and id at once: to look first and compare later is to forget it once (CWE-639).
 */
export const documentsOf = (actor: Actor, db: Queries) => {
  const mine = (eb: Documents) => eb('documents.owner_id', '=', actor.id); // protect: Q411 ('=', actor.id -> '<>', '')

  return {
    async list({ sort, direction, limit, after }: ListOptions): Promise<ModeratedDocument[]> {
      let query = db.selectFrom('documents').select(columns).where(mine);
      if (after !== undefined) query = query.where((eb) => isBehind(eb, sort, direction, after));
      const rows = await query.orderBy(sortColumns[sort], direction).orderBy('documents.id', direction).limit(limit).execute();
      return rows.map(toDocument);
    },

    async search(text: string): Promise<ModeratedDocument[]> {
      const pattern = containing(text);
      const query = db.selectFrom('documents').select(columns).where(mine);
      const found = query.where((eb) => eb.or([eb('documents.title', 'ilike', pattern), eb('documents.body', 'ilike', pattern)]));
      return (await found.orderBy('documents.created_at', 'desc').limit(100).execute()).map(toDocument);
    },

    async all(): Promise<ModeratedDocument[]> {
      return (await db.selectFrom('documents').select(columns).where(mine).orderBy('documents.created_at').limit(MOST_ROWS).execute()).map(
        toDocument,
      );
    },

    async find(id: string): Promise<ModeratedDocument | undefined> {
      const row = await db.selectFrom('documents').select(columns).where(mine).where('documents.id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toDocument(row);
    },

    async create({ title, body }: { readonly title: string; readonly body: string }, now: Date): Promise<ModeratedDocument> {
      const values = { owner_id: actor.id, title, body, created_at: now, updated_at: now };
      return toDocument(await db.insertInto('documents').values(values).returning(columns).executeTakeFirstOrThrow());
    },

    async change(
      id: string,
      change: { readonly title?: string; readonly body?: string },
      now: Date,
    ): Promise<ModeratedDocument | undefined> {
      const { title, body } = change;
      const set = { updated_at: now, ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }) };
      const row = await db
        .updateTable('documents')
        .set(set)
        .where(mine)
        .where('documents.id', '=', id)
        .returning(columns)
        .executeTakeFirst();
      return row === undefined ? undefined : toDocument(row);
    },

    /** @returns how many of `ids` were there to be deleted. */
    async remove(ids: readonly string[]): Promise<number> {
      const { numDeletedRows } = await db.deleteFrom('documents').where(mine).where('documents.id', 'in', ids).executeTakeFirst();
      return Number(numDeletedRows);
    },

    /** @returns undefined when the document is not one of the actor's. */
    async comments(id: string): Promise<Comment[] | undefined> {
      const rows = await db
        .selectFrom('documents')
        .leftJoin('document_comments as comment', 'comment.document_id', 'documents.id')
        .select(['comment.id', 'comment.author_id', 'comment.text', 'comment.created_at'])
        .where(mine)
        .where('documents.id', '=', id)
        .orderBy('comment.created_at')
        .limit(MOST_ROWS)
        .execute();
      return rows.length === 0 ? undefined : rows.flatMap(toComment);
    },

    /** @returns undefined when the document is not one of the actor's. */
    async comment(id: string, text: string, now: Date): Promise<Comment | undefined> {
      const row = await db
        .insertInto('document_comments')
        .columns(['document_id', 'author_id', 'text', 'created_at'])
        .expression((eb) =>
          eb
            .selectFrom('documents')
            .select((of) => ['documents.id', of.val(actor.id).as('author_id'), of.val(text).as('text'), of.val(now).as('created_at')])
            .where(mine)
            .where('documents.id', '=', id),
        )
        .returning(['id', 'author_id', 'text', 'created_at'])
        .executeTakeFirst();
      return row === undefined ? undefined : toComment(row)[0];
    },
  };
};

/** Rows after the cursor, in the order of the list; the id decides between equal values. */
const isBehind = (eb: Documents, sort: Sort, direction: Direction, after: Cursor) => {
  const operator = direction === 'asc' ? '>' : '<';
  const value = sort === 'title' ? after.value : timeOf(after);
  const column = sortColumns[sort];
  return eb.or([eb(column, operator, value), eb.and([eb(column, '=', value), eb('documents.id', operator, after.id)])]);
};

/** A left join answers one row of nulls for a document without comments. */
const toComment = (row: { id: string | null; author_id: string | null; text: string | null; created_at: Date | null }): Comment[] =>
  row.id === null || row.author_id === null || row.text === null || row.created_at === null
    ? []
    : [{ id: row.id, author: row.author_id, text: row.text, createdAt: row.created_at.toISOString() }];
