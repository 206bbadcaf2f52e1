import { builtinModules } from 'node:module';

/** Packages that are registered with apps and do not protect them: they are no reason to believe that something else does. */
const transparent: ReadonlySet<string> = new Set([
  ...builtinModules,
  'express', 'fastify', 'fastify-plugin', '@fastify/autoload', 'fastify-autoload', '@fastify/sensible', '@fastify/env',
  'compression', '@fastify/compress', 'cookie-parser', '@fastify/cookie', 'connect-flash', 'method-override', 'response-time', 'serve-favicon', 'serve-static', 'serve-index', '@fastify/static', '@fastify/view', 'express-ejs-layouts',
  'morgan', 'pino-http', 'express-winston', 'express-pino-logger', 'express-async-errors', 'errorhandler', 'express-fileupload', '@fastify/accepts', '@fastify/etag', '@fastify/websocket', 'express-ws', 'socket.io', 'ws',
  'swagger-ui-express', '@fastify/swagger', '@fastify/swagger-ui', '@scalar/express-api-reference', '@scalar/fastify-api-reference',
  '@fastify/postgres', '@fastify/mongodb', '@fastify/redis', '@fastify/mysql', 'connect-redis', 'connect-mongo', 'connect-pg-simple',
  'supertest', 'serverless-http', 'http-terminator', '@godaddy/terminus', 'stoppable', 'close-with-grace',
]);

export const isTransparent = (module: string): boolean => transparent.has(module);

/** Frameworks that make the app themselves: what they set cannot be read off the source of the repo. */
export const wrapsTheApp = (name: string): boolean => /^(?:@nestjs\/core|next|@feathersjs\/express|@loopback\/rest|tsoa|routing-controllers|@tsed\/platform-express|express-zod-api|@apollo\/server|nuxt|@remix-run\/express|@react-router\/express|parse-server|payload|@keystone-6\/core|strapi|fastify-cli-plugin)$/.test(name);
