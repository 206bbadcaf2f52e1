import Type from 'typebox';
import { actorOf } from '#src/protections/access-control/actor.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { csvReply, defineCsv } from '#src/protections/csv/core.ts';
import { type ExportedDocument, exportOf } from './repository.ts';

const documentsFile = defineCsv<ExportedDocument>({
  name: 'documents.csv',
  maxRows: 10_000,
  columns: [
    { title: 'Title', value: ({ title }) => title },
    { title: 'Text', value: ({ body }) => body },
    { title: 'Created', value: ({ created_at }) => created_at },
    { title: 'Changed', value: ({ updated_at }) => updated_at },
  ],
});

/** The sample export: own documents, for those who have the right to export. Copy it for your own. */
export const documentExport = defineModule({
  id: 'document-export',
  prefix: '/api/v1/exports',
  routes: [
    route(
      {
        method: 'GET',
        path: '/documents.csv',
        access: 'role:exporter', // protect: Q472 (role:exporter -> user)
        input: {},
        output: Type.String(),
        limits: ['export'],
        summary: 'Export own documents as CSV',
      },
      ({ app, context }) => csvReply(documentsFile, exportOf(actorOf(context), app.services.db.query)),
    ),
  ],
});
