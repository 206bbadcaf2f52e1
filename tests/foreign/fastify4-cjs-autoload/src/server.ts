import Fastify from 'fastify';
import app from './app';

const server = Fastify();
void server.register(app);
void server.listen({ port: Number(process.env.PORT) });
