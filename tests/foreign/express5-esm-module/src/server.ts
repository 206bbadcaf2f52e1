import express from 'express';
import { hello } from './hello.js';

const app = express(); // the app

app.use(express.json());
app.get('/hello', hello);
app.post('/echo', (req, res) => {
  res.json(req.body);
});

app.get('/fails', () => {
  throw new Error('password of the database is hunter2');
});

if (process.env.PORT) app.listen(Number(process.env.PORT), '127.0.0.1');

export { app };
