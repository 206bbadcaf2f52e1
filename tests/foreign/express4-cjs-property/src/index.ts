import express = require('express');
import type { Express } from 'express';

abstract class Base {
  abstract start(): void;
}

export default class Server extends Base {
  private readonly api: Express = express();

  constructor(private readonly port: number) {
    super(); // first of all
    this.api.use(express.json());
    this.api.get('/hello', (_req, res) => { res.json({ hello: 'world' }); });
    this.api.post('/echo', (req, res) => { res.json(req.body); });
    this.api.get('/fails', () => { throw new Error('password of the database is hunter2'); });
  }

  start(): void {
    this.api.listen(this.port, '127.0.0.1');
  }
}

new Server(Number(process.env.PORT)).start();
