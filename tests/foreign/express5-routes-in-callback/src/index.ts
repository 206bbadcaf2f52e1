import express from 'express';

const app = express();
const connect = async (): Promise<void> => {};

connect().then(() => {
  app.use(express.json());
  app.get('/hello', (_req, res) => { res.json({ hello: 'world' }); });
  app.post('/echo', (req, res) => { res.json(req.body); });
  app.get('/fails', () => { throw new Error('password of the database is hunter2'); });
  app.listen(Number(process.env.PORT), '127.0.0.1');
});
