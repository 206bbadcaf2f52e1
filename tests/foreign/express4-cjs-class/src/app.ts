import express, { Application, NextFunction, Request, Response } from 'express';

import { itemRoutes } from './routes/items';

/** The whole application. */
export class App {
    public readonly app: Application;

    constructor() {
        this.app = express();
        this.middleware();
        this.routes();
    }

    private middleware(): void {
        this.app.use(express.json({ limit: '100kb' }));
        this.app.use((_req: Request, _res: Response, next: NextFunction) => { next(); });
    }

    private routes(): void {
        this.app.use('/', itemRoutes);
    }
}
