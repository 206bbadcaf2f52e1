import type { ExpressionBuilder } from 'kysely';
import type { Actor } from '#src/protections/app-core/context.ts';
import type { CsvSource } from '#src/protections/csv/core.ts';
import type { Database } from '#src/schema/tables.ts';
import type { Queries } from '#src/services/db/database.ts';

/** What leaves of a document. */
export interface ExportedDocument {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const columns = ['documents.id', 'documents.title', 'documents.body', 'documents.created_at', 'documents.updated_at'] as const;

const pageLength = 500;

/** The documents of `actor`, oldest first. */
export const exportOf = (actor: Actor, db: Queries): CsvSource<ExportedDocument> => {
  const mine = (eb: ExpressionBuilder<Database, 'documents'>) => eb('documents.owner_id', '=', actor.id); // protect: Q472 ('=', actor.id -> '<>', '')

  /** The page behind `last`; the id decides between documents of one moment. */
  const pageBehind = (last: ExportedDocument | undefined): Promise<ExportedDocument[]> => {
    let query = db.selectFrom('documents').select(columns).where(mine);
    if (last !== undefined) {
      const { created_at: time, id } = last;
      query = query.where((eb) => eb.or([eb('documents.created_at', '>', time), eb.and([eb('documents.created_at', '=', time), eb('documents.id', '>', id)])]));
    }
    return query.orderBy('documents.created_at').orderBy('documents.id').limit(pageLength).execute();
  };

  return {
    async count(): Promise<number> {
      const { count } = await db
        .selectFrom('documents')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where(mine)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async *rows(): AsyncGenerator<ExportedDocument> {
      let page = await pageBehind(undefined);
      while (page.length > 0) {
        yield* page;
        page = page.length < pageLength ? [] : await pageBehind(page.at(-1));
      }
    },
  };
};
