import Fastify = require('fastify');

const app = Fastify();
app.get('/hello', () => ({ hello: 'world' }));
void app.listen({ port: Number(process.env.PORT) });
