import type { RequestHandler } from 'express'

export const hello: RequestHandler = (_req, res) => { res.json({ hello: 'world' }) }
