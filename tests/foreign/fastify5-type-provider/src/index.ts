import Fastify, { type FastifyTypeProvider } from 'fastify'

interface Plain extends FastifyTypeProvider { readonly validator: unknown, readonly serializer: unknown }

export const app = Fastify({ logger: false }).withTypeProvider<Plain>() // typed

app.get('/hello', () => ({ hello: 'world' }))
app.post('/echo', (request) => request.body)
app.get('/fails', () => { throw new Error('password of the database is hunter2') })

;(async () => { await app.listen({ port: Number(process.env['PORT']) }) })()