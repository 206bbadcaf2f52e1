import { Router } from 'express';

export const itemRoutes = Router();

itemRoutes.get('/hello', (_req, res) => {
    res.json({ hello: 'world' });
});
itemRoutes.post('/echo', (req, res) => {
    res.json(req.body);
});
itemRoutes.get('/fails', () => {
    throw new Error('password of the database is hunter2');
});
