import { buildAdmin, buildPublic } from './apps.js';

const app = process.env.ADMIN ? buildAdmin() : buildPublic();
await app.listen({ port: Number(process.env.PORT) });
