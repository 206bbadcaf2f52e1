import express from 'express'
import { hello } from '@/hello'

export const createApp = () => {
  const app = express()

  app.use(express.json())
  app.get('/hello', hello)
  app.post('/echo', (req, res) => { res.json(req.body) })
  app.get('/fails', () => { throw new Error('password of the database is hunter2') })

  return app
}
