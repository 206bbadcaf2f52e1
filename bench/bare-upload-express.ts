import express from 'express';
import { takeFile } from './bare-upload.ts';

/** A bare streaming upload on Express. */
const app = express();
app.get('/healthz', async (_request, response) => void response.json({ status: 'ok' }));
app.post('/api/v1/files', (request, response, next) => {
  takeFile(request).then(() => response.status(201).json({}), next);
});
app.listen(Number(process.env['PORT']), '127.0.0.1');
