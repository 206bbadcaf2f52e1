import express from 'express';
import { readDocument } from './bare-database.ts';

/** The same routes as the emitted app's, on Express with nothing around them. */
const app = express();
app.get('/healthz', async (_request, response) => void response.json({ status: 'ok' }));
app.get('/api/v1/documents/:id', async ({ params }, response) => void response.json(await readDocument(params.id)));
app.listen(Number(process.env['PORT']), '127.0.0.1');
