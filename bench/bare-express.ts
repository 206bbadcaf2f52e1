import express from 'express';

/** The same route as the emitted app's `/healthz`, on Express with nothing around it. */
const app = express();
app.get('/healthz', async (_request, response) => void response.json({ status: 'ok' }));
app.listen(Number(process.env['PORT']), '127.0.0.1');
