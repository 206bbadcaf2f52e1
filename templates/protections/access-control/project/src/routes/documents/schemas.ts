import Type, { type Static } from 'typebox';
import { listQuery, oneOf } from '#src/protections/database/list-query.ts';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text, uuid } from '#src/protections/validation/formats.ts';

const title = () => text(200, 1);
const body = () => text(20_000);

const fields = { id: uuid(), title: title(), body: body(), createdAt: dateTime(), updatedAt: dateTime() };

/** What its owner sees of a document. */
export const Document = closed(fields);
/** What an administrator sees of it. */
export const ModeratedDocument = closed({ ...fields, moderationNote: Type.String() });
export type ModeratedDocument = Static<typeof ModeratedDocument>;

export const Comment = closed({ id: uuid(), author: Type.String(), text: Type.String(), createdAt: dateTime() });
export type Comment = Static<typeof Comment>;

const pageOf = <T extends typeof Document | typeof ModeratedDocument>(item: T) =>
  closed({ items: Type.Array(item), next: Type.Optional(Type.String()) });

export const DocumentPage = pageOf(Document);
export const ModeratedPage = pageOf(ModeratedDocument);
export const Comments = closed({ items: Type.Array(Comment) });
export const Deleted = closed({ deleted: Type.Integer() });
export const Nothing = closed({});

/** The names a list may be sorted by. */
export const sorts = ['createdAt', 'updatedAt', 'title'] as const;
export const ListQuery = listQuery(sorts);
export const SearchQuery = closed({ q: text(100, 1) });

export const Id = closed({ id: uuid() });
export const NewDocument = closed({ title: title(), body: body() });
/** The id may stand in the body too; it must be that of the path. */
export const WholeDocument = closed({ id: Type.Optional(uuid()), title: title(), body: body() });
export const DocumentChange = closed({ id: Type.Optional(uuid()), title: Type.Optional(title()), body: Type.Optional(body()) });
export const NewComment = closed({ text: text(2000, 1) });
export const Bulk = closed({ action: oneOf(['delete']), ids: Type.Array(uuid(), { minItems: 1, maxItems: 100, uniqueItems: true }) });
