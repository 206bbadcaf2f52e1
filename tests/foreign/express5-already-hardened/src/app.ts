import cors from 'cors';
import express, { type ErrorRequestHandler } from 'express';
import helmet from 'helmet';

export function makeApp() {
  const app = express();
  app.use(helmet());
  app.use(cors({ origin: 'https://spa.example' }));
  app.use(express.json());
  app.get('/hello', (_req, res) => { res.json({ hello: 'world' }); });
  app.post('/echo', (req, res) => { res.json(req.body); });
  app.get('/fails', () => { throw new Error('password of the database is hunter2'); });
  const onError: ErrorRequestHandler = (_error, _req, res, _next) => { res.status(500).json({ error: 'something went wrong' }); };
  app.use(onError);
  return app;
}

makeApp().listen(Number(process.env.PORT), '127.0.0.1');
