import type { Target } from '../../src/manifest.ts';

/** Snippets of an app: those in which a check has to find something, and such that look alike and are innocent. */
export interface Case {
  readonly target?: Target;
  readonly packages?: Readonly<Record<string, string>>;
  readonly vulnerable: readonly string[];
  readonly innocent: readonly string[];
}

/** In front of every snippet, unless it makes its own app. */
export const prelude: Readonly<Record<Target, string>> = {
  express: "import express, { type Request, type Response } from 'express';\nexport const app = express();\n",
  fastify: "import Fastify from 'fastify';\nexport const app = Fastify();\n",
};

const quiet = "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.status(500).send('failed'); });\n";

export const cases: Readonly<Record<string, Case>> = {
  'security-headers-missing': {
    vulnerable: ["app.get('/', (_req, res) => { res.send('hello'); });", "import morgan from 'morgan';\napp.use(morgan('tiny'));\napp.get('/', (_req, res) => { res.json({}); });"],
    innocent: [
      "import helmet from 'helmet';\napp.use(helmet());",
      "app.use((_req, res, next) => { res.setHeader('X-Content-Type-Options', 'nosniff'); next(); });",
      "import { secured } from '@acme/express-defaults';\napp.use(secured());",
      "import { harden } from '../../shared/harden.js';\napp.use(harden);",
      "import { configure } from '@acme/express-defaults';\nconfigure(app);",
      "const headers = { 'strict-transport-security': 'max-age=31536000' };\napp.use((_req, res, next) => { res.set(headers); next(); });",
    ],
  },
  'content-security-policy-off': {
    vulnerable: ["import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: false }));\napp.get('/', (_req, res) => { res.render('home'); });", "import helmet from 'helmet';\nconst options = { contentSecurityPolicy: false };\napp.use(helmet(options));"],
    innocent: [
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: process.env.NODE_ENV === 'production' ? undefined : false }));",
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: false }));\napp.use((_req, res, next) => { res.setHeader('Content-Security-Policy', \"default-src 'self'\"); next(); });",
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: { directives: { defaultSrc: [\"'self'\"] } } }));",
      "const helmet = (options: object) => options;\nhelmet({ contentSecurityPolicy: false });",
    ],
  },
  'content-security-policy-inline-scripts': {
    vulnerable: ["import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: { directives: { scriptSrc: [\"'self'\", \"'unsafe-inline'\"] } } }));"],
    innocent: [
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: { directives: { styleSrc: [\"'self'\", \"'unsafe-inline'\"] } } }));",
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: { directives: { scriptSrc: [\"'unsafe-inline'\", (_req, res) => `'nonce-${res}'`] } } }));",
      "import helmet from 'helmet';\napp.use(helmet({ contentSecurityPolicy: { directives: { scriptSrc: [\"'unsafe-inline'\", \"'strict-dynamic'\", \"'sha256-abc='\"] } } }));",
    ],
  },
  'cors-any-origin-with-credentials': {
    vulnerable: [
      "import cors from 'cors';\napp.use(cors({ origin: true, credentials: true }));",
      "import cors from 'cors';\napp.use(cors({ origin: (_origin, callback) => callback(null, true), credentials: true }));",
      "import cors = require('cors');\nconst options = { credentials: true, origin: true };\napp.use(cors(options));",
      "app.use((req, res, next) => { res.header('Access-Control-Allow-Origin', req.headers.origin); res.header('Access-Control-Allow-Credentials', 'true'); next(); });",
    ],
    innocent: [
      "import cors from 'cors';\napp.use(cors());",
      "import cors from 'cors';\napp.use(cors({ origin: true }));",
      "import cors from 'cors';\napp.use(cors({ origin: '*', credentials: true }));",
      "import cors from 'cors';\napp.use(cors({ origin: ['https://spa.example'], credentials: true }));",
      "import cors from 'cors';\napp.use(cors({ origin: (origin, callback) => callback(null, allowed.has(origin)), credentials: true }));\nconst allowed = new Set(['https://spa.example']);",
      "import cors from 'cors';\nconst isDev = process.env.NODE_ENV === 'development';\nif (isDev) app.use(cors({ origin: true, credentials: true }));",
      "import cors from 'cors';\nconst isDev = process.env.NODE_ENV === 'development';\napp.use(cors({ origin: isDev, credentials: true }));",
      "const list = ['https://spa.example'];\napp.use((req, res, next) => { if (list.includes(req.headers.origin ?? '')) { res.header('Access-Control-Allow-Origin', req.headers.origin); res.header('Access-Control-Allow-Credentials', 'true'); } next(); });",
      "import cors from 'cors';\napp.use(cors({ ...base, origin: true }));\nconst base = { credentials: Boolean(process.env.X) };",
    ],
  },
  'cors-open-pattern': {
    vulnerable: ["import cors from 'cors';\napp.use(cors({ origin: /^https:\\/\\/.*\\.example\\.com/, credentials: true }));", "import cors from 'cors';\napp.use(cors({ origin: ['https://a.example', /example\\.com/], credentials: true }));"],
    innocent: [
      "import cors from 'cors';\napp.use(cors({ origin: /^https:\\/\\/[a-z]+\\.example\\.com$/, credentials: true }));",
      "import cors from 'cors';\napp.use(cors({ origin: /example\\.com/ }));",
      "import cors from 'cors';\napp.use(cors({ origin: /^http:\\/\\/localhost:\\d+/, credentials: true }));",
    ],
  },
  'cors-null-origin': {
    vulnerable: ["import cors from 'cors';\napp.use(cors({ origin: ['https://a.example', 'null'], credentials: true }));"],
    innocent: ["import cors from 'cors';\napp.use(cors({ origin: ['https://a.example', 'null'] }));", "import cors from 'cors';\napp.use(cors({ origin: ['https://null.example'], credentials: true }));"],
  },
  'session-cookie-readable-by-scripts': {
    vulnerable: [
      "import session from 'express-session';\napp.use(session({ secret: process.env.S ?? fail(), cookie: { httpOnly: false, secure: true, sameSite: 'lax' } }));\nfunction fail(): never { throw new Error(); }",
      "app.post('/login', (_req, res) => { res.cookie('token', sign(), { secure: true }); res.end(); });\nconst sign = () => crypto.randomUUID();",
      "app.post('/login', (_req: Request, res: Response) => { res.status(200).cookie('session_id', make(), { httpOnly: false, secure: true }).end(); });\nconst make = () => crypto.randomUUID();",
    ],
    innocent: [
      "import session from 'express-session';\napp.use(session({ secret: process.env.S ?? fail(), cookie: { secure: true, sameSite: 'lax' } }));\nfunction fail(): never { throw new Error(); }",
      "app.post('/login', (_req, res) => { res.cookie('token', sign(), { httpOnly: true, secure: true }); });\nconst sign = () => crypto.randomUUID();",
      "app.post('/theme', (_req, res) => { res.cookie('theme', 'dark'); });",
      "app.post('/logout', (_req, res) => { res.cookie('token', '', { maxAge: 0 }); });",
      "app.get('/form', (_req, res) => { res.cookie('XSRF-TOKEN', make(), { secure: true }); });\nconst make = () => crypto.randomUUID();",
      "const options = { ...defaults };\nconst defaults = JSON.parse('{}');\napp.post('/login', (_req, res) => { res.cookie('token', make(), options); });\nconst make = () => crypto.randomUUID();",
    ],
  },
  'session-cookie-in-clear-text': {
    vulnerable: [
      "import session from 'express-session';\napp.use(session({ secret: process.env.S as string, resave: false, saveUninitialized: false }));",
      "import session from 'express-session';\napp.use(session({ secret: process.env.S as string, cookie: { secure: false } }));",
      "import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string], secure: false }));",
    ],
    innocent: [
      "import session from 'express-session';\napp.use(session({ secret: process.env.S as string, cookie: { secure: process.env.NODE_ENV === 'production' } }));",
      "import session from 'express-session';\nconst settings: session.SessionOptions = { secret: process.env.S as string, cookie: {} };\nif (app.get('env') === 'production') { settings.cookie!.secure = true; }\napp.use(session(settings));",
      "import session from 'express-session';\nimport { options } from './options.js';\napp.use(session(options));",
      "import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string] }));",
    ],
  },
  'token-of-any-algorithm': {
    packages: { jsonwebtoken: '^8.5.1' },
    vulnerable: ["import jwt from 'jsonwebtoken';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string);", "import { verify } from 'jsonwebtoken';\nexport const who = (token: string) => verify(token, process.env.KEY as string, { issuer: 'me' });", "import jwt from 'jsonwebtoken';\njwt.verify('t', process.env.KEY as string, (error, payload) => { void error; void payload; });"],
    innocent: [
      "import jwt from 'jsonwebtoken';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256'] });",
      "import jwt from 'jsonwebtoken';\nimport { options } from './options.js';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string, options);",
      "import * as argon from 'argon2';\nexport const isRight = (hash: string, text: string) => argon.verify(hash, text);",
      "import jwt from 'jsonwebtoken';\nexport const look = (token: string) => jwt.decode(token);",
    ],
  },
  'token-unsigned': {
    vulnerable: ["import jwt from 'jsonwebtoken';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256', 'none'] });"],
    innocent: ["import jwt from 'jsonwebtoken';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256'] });\nexport const display = 'none';"],
  },
  'token-expiry-ignored': {
    vulnerable: ["import jwt from 'jsonwebtoken';\nexport const authenticate = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256'], ignoreExpiration: true });"],
    innocent: ["import jwt from 'jsonwebtoken';\nexport const refresh = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256'], ignoreExpiration: true });", "import jwt from 'jsonwebtoken';\nexport const who = (token: string) => jwt.verify(token, process.env.KEY as string, { algorithms: ['HS256'], ignoreExpiration: false });"],
  },
  'csrf-missing': {
    vulnerable: ["import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string] }));\napp.post('/transfer', (_req, res) => { res.json({}); });"],
    innocent: [
      "import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string], sameSite: 'lax' }));\napp.post('/transfer', (_req, res) => { res.json({}); });",
      "import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string] }));\napp.get('/', (_req, res) => { res.json({}); });",
      "import cookies from 'cookie-session';\napp.use(cookies({ keys: [process.env.S as string] }));\napp.use((req, _res, next) => { if (req.headers['sec-fetch-site'] === 'cross-site') throw new Error(); next(); });\napp.post('/transfer', (_req, res) => { res.json({}); });",
      "app.post('/transfer', (_req, res) => { res.json({}); });",
      "import cookies from 'cookie-session';\nimport { guard } from '@acme/guard';\napp.use(cookies({ keys: [process.env.S as string] }));\napp.use(guard);\napp.post('/transfer', (_req, res) => { res.json({}); });",
    ],
  },
  'stack-sent-to-client': {
    vulnerable: [
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.status(500).json({ message: err.message, stack: err.stack }); });",
      "app.get('/', async (req, res) => { try { await work(); } catch (error) { res.status(500).send(error.stack); } });\nconst work = async () => {};",
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.send(`<pre>${err.stack}</pre>`); });",
    ],
    innocent: [
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { console.error(err.stack); res.status(500).send('failed'); });",
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.status(500).json({ stack: process.env.NODE_ENV === 'production' ? undefined : err.stack }); });",
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.status(500).json({ message: 'failed', ...(isDev && { stack: err.stack }) }); });\nconst isDev = process.env.NODE_ENV === 'development';",
      "app.use((err: Error, _req: Request, res: Response, _next: unknown) => { if (process.env.NODE_ENV === 'production') { res.status(500).end(); return; } res.json({ stack: err.stack }); });",
      "if (process.env.NODE_ENV === 'development') { app.use((err: Error, _req: Request, res: Response, _next: unknown) => { res.send(err.stack); }); }",
      "export function devErrorHandler(err: Error, _req: Request, res: Response, _next: unknown) { res.send(err.stack); }",
      "const cards = { stack: ['a'] };\napp.get('/cards', (_req, res) => { res.json(cards.stack); });",
    ],
  },
  'error-pages-for-developers': {
    vulnerable: ["import errorhandler from 'errorhandler';\napp.use(errorhandler());"],
    innocent: ["import errorhandler from 'errorhandler';\nif (process.env.NODE_ENV === 'development') app.use(errorhandler());", "import errorhandler from 'errorhandler';\nexport const isDev = process.env.NODE_ENV === 'development';\nif (isDev) { app.use(errorhandler()); }"],
  },
  'error-handler-missing': {
    target: 'fastify',
    vulnerable: ["app.get('/', async () => ({ hello: 'world' }));"],
    innocent: [
      "app.setErrorHandler((error, request, reply) => { request.log.error(error); void reply.status(500).send({ error: 'failed' }); });",
      "import { errorPlugin } from '@acme/fastify-errors';\nawait app.register(errorPlugin);",
      "import { handlers } from './handlers.js';\nhandlers.setErrorHandler(app);",
    ],
  },
  'trust-proxy-everybody': {
    vulnerable: ["app.set('trust proxy', true);", "app.enable('trust proxy');"],
    innocent: ["app.set('trust proxy', 1);", "app.set('trust proxy', 'loopback');", "app.set('trust proxy', process.env.TRUST === 'true');", "app.set('view cache', true);", "if (process.env.BEHIND_PROXY) app.set('trust proxy', true);", "app.disable('trust proxy');"],
  },
  'mailed-link-from-host-header': {
    vulnerable: ["declare const mailer: { sendMail(mail: object): Promise<void> };\napp.post('/forgot', async (req, res) => { const token = crypto.randomUUID(); await mailer.sendMail({ text: `https://${req.headers.host}/reset?token=${token}` }); res.end(); });", "declare const mailer: { sendMail(mail: object): Promise<void> };\napp.post('/forgot', async (req, res) => { const token = crypto.randomUUID(); const link = `${req.protocol}://${req.get('host')}/reset?token=${token}`; await mailer.sendMail({ text: link }); res.end(); });"],
    innocent: [
      "declare const mailer: { sendMail(mail: object): Promise<void> };\napp.post('/forgot', async (_req, res) => { const token = crypto.randomUUID(); await mailer.sendMail({ text: `${process.env.BASE_URL}/reset?token=${token}` }); res.end(); });",
      "app.get('/', (req, res) => { const url = new URL(req.url, `http://${req.headers.host}`); res.json({ token: url.searchParams.get('token') }); });",
      "declare const mailer: { sendMail(mail: object): Promise<void> };\nconst allowed = ['a.example'];\napp.post('/forgot', async (req, res) => { if (!allowed.includes(req.hostname)) throw new Error(); const token = crypto.randomUUID(); await mailer.sendMail({ text: `https://${req.hostname}/reset?token=${token}` }); res.end(); });",
    ],
  },
  'open-redirect': {
    vulnerable: [
      "app.get('/go', (req, res) => { res.redirect(req.query.next); });",
      "app.get('/go', (req, res) => { const next = req.query.next as string; res.redirect(302, next ?? '/'); });",
      "app.get('/go', (req, res) => { const { url } = req.query; if (!url) { res.status(400).end(); return; } res.redirect(String(url)); });",
      "export const go = (req: Request, res: Response) => { res.redirect(`${req.query.next}`); };",
      "app.get('/go', (req, res) => { res.redirect('/' + req.query.next); });",
      "app.get('/go', (req, res) => { res.redirect(typeof req.query.next === 'string' ? req.query.next : '/'); });",
    ],
    innocent: [
      "app.get('/go', (_req, res) => { res.redirect('/home'); });",
      "app.get('/go', (req, res) => { res.redirect(safe(req.query.next)); });\nconst safe = (to: unknown) => (to === 'a' ? '/a' : '/');",
      "app.get('/go', (req, res) => { const next = String(req.query.next); if (!next.startsWith('/') || next.startsWith('//')) { res.status(400).end(); return; } res.redirect(next); });",
      "app.get('/go', (req, res) => { if (!allowed.includes(req.query.next as string)) { res.status(400).end(); return; } res.redirect(req.query.next as string); });\nconst allowed = ['/a'];",
      "app.get('/users/:id', (req, res) => { res.redirect(`/people/${req.params.id}`); });",
      "app.get('/go', (req, res) => { res.redirect(`/login?next=${encodeURIComponent(String(req.query.next))}`); });",
      "import { validator } from './validate.js';\napp.use(validator.middleware());\napp.get('/go', (req, res) => { res.redirect(req.query.next as string); });",
      "export const route = { method: 'GET', schema: { querystring: {} }, handler: (request: any, reply: any) => reply.redirect(request.query.next) };",
      "import { validate } from './validate.js';\napp.get('/go', validate({ next: 'path' }), (req, res) => { res.redirect(req.query.next as string); });",
      "app.get('/go', (req, res) => { const target = pages[req.query.page as string]; res.redirect(target ?? '/'); });\nconst pages: Record<string, string> = {};",
      "app.use((req, res) => { res.redirect(`https://app.example${req.originalUrl}`); });",
      "const req = { query: { next: '/a' } };\napp.get('/go', (_request, res) => { res.redirect(req.query.next); });",
    ],
  },
  'sql-from-text': {
    vulnerable: [
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\napp.get('/u/:id', async (req, res) => { res.json(await pool.query(`SELECT * FROM users WHERE id = ${req.params.id}`)); });",
      "declare const db: { query(sql: string): Promise<unknown> };\napp.get('/u', async (req, res) => { const sql = \"SELECT name FROM users WHERE name = '\" + req.query.name + \"'\"; res.json(await db.query(sql)); });",
      "declare const db: { query(sql: string): Promise<unknown> };\nexport const byName = (name: string) => db.query(`SELECT id FROM users WHERE name = '${name}'`);",
      "declare const prisma: { $queryRawUnsafe(sql: string): Promise<unknown> };\napp.get('/s', async (req, res) => { res.json(await prisma.$queryRawUnsafe(`SELECT * FROM items ORDER BY ${req.query.sort}`)); });",
    ],
    innocent: [
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\napp.get('/u/:id', async (req, res) => { res.json(await pool.query('SELECT * FROM users WHERE id = $1', [req.params.id])); });",
      "declare const sql: (parts: TemplateStringsArray, ...values: unknown[]) => Promise<unknown>;\napp.get('/u/:id', async (req, res) => { res.json(await sql`SELECT * FROM users WHERE id = ${req.params.id}`); });",
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\nconst table = 'users';\nexport const all = () => pool.query(`SELECT * FROM ${table} WHERE deleted = false`);",
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\nexport const page = (limit: number) => pool.query(`SELECT * FROM users LIMIT ${limit}`);",
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\nexport const some = (ids: string[]) => pool.query(`SELECT * FROM users WHERE id IN (${ids.map((_, i) => `$${i + 1}`).join(', ')})`, ids);",
      "declare const pool: { query(sql: string, values?: unknown[]): Promise<unknown> };\nexport const set = (column: string, value: string) => pool.query(`UPDATE users SET ${column} = $1 WHERE id = 1`, [value]);",
      "declare const pool: { query(sql: string): Promise<unknown>; escape(text: unknown): string };\napp.get('/u', async (req, res) => { res.json(await pool.query(`SELECT * FROM users WHERE name = ${pool.escape(req.query.name)}`)); });",
      "declare const pool: { query(sql: string): Promise<unknown> };\napp.get('/u', async (req, res) => { res.json(await pool.query(`SELECT * FROM users WHERE id = ${Number(req.query.id)}`)); });",
      "app.get('/s', (req, res) => { res.send(String(document(`select a page from ${req.query.name}`))); });\nconst document = (text: string) => text.length;",
      "declare const pool: { query(sql: string): Promise<unknown> };\nconst columns = ['name', 'age'];\napp.get('/s', async (req, res) => { const sort = String(req.query.sort); if (!columns.includes(sort)) { res.status(400).end(); return; } res.json(await pool.query(`SELECT * FROM users ORDER BY ${sort}`)); });",
    ],
  },
  'code-from-request': {
    vulnerable: ["app.post('/calc', (req, res) => { res.json(eval(req.body.formula)); });", "app.post('/calc', (req, res) => { res.json(new Function('x', req.body.code)(1)); });", "import vm from 'node:vm';\napp.post('/run', (req, res) => { res.json(vm.runInNewContext(req.body.code)); });"],
    innocent: ["app.post('/calc', (req, res) => { res.json(evaluate(req.body.formula)); });\nconst evaluate = (text: string) => text.length;", "export const double = new Function('x', 'return x * 2');", "app.post('/x', (req, res) => { const eval_ = parse(req.body.x); res.json(eval_); });\nconst parse = (text: string) => Number(text);", "import vm from 'node:vm';\nexport const result = vm.runInNewContext('1 + 1');"],
  },
  'command-from-request': {
    vulnerable: ["import { exec } from 'node:child_process';\napp.get('/ping', (req, res) => { exec(`ping -c 1 ${req.query.host}`, (_error, out) => { res.send({ out }); }); });", "import * as cp from 'child_process';\napp.get('/ping', (req, res) => { const host = req.query.host; res.json(cp.execSync('ping ' + host).toString()); });", "import { spawn } from 'node:child_process';\napp.get('/ls', (req, res) => { spawn(`ls ${req.query.dir}`, [], { shell: true }); res.end(); });"],
    innocent: [
      "import { execFile } from 'node:child_process';\napp.get('/ping', (req, res) => { execFile('ping', ['-c', '1', '--', String(req.query.host)], (_error, out) => { res.json({ out }); }); });",
      "import { exec } from 'node:child_process';\napp.get('/up', (_req, res) => { exec('uptime', (_error, out) => { res.json({ out }); }); });",
      "const pattern = /a/g;\napp.get('/x', (req, res) => { res.json(pattern.exec(String(req.query.x))); });",
      "import { exec } from 'node:child_process';\napp.get('/ping', (req, res) => { if (!/^[\\w.]+$/.test(String(req.query.host))) { res.status(400).end(); return; } exec(`ping ${req.query.host}`); res.end(); });",
    ],
  },
  'pattern-from-request': {
    vulnerable: ["app.get('/s', (req, res) => { const pattern = new RegExp(req.query.q as string, 'i'); res.json(['a'].filter((each) => pattern.test(each))); });", "app.get('/s', (req, res) => { res.json(['a'].filter((each) => RegExp(`^${req.query.q}`).test(each))); });"],
    innocent: ["app.get('/s', (req, res) => { const pattern = new RegExp(escaped(String(req.query.q))); res.json(pattern.test('a')); });\nconst escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\\]\\\\]/g, '\\\\$&');", "export const words = ['a'].map((word) => new RegExp(`\\\\b${word}\\\\b`));"],
  },
  'mass-assignment': {
    vulnerable: ["declare const prisma: { user: { update(options: object): Promise<unknown> } };\napp.patch('/me', async (req, res) => { res.json(await prisma.user.update({ where: { id: 1 }, data: req.body })); });", "import mongoose from 'mongoose';\nconst User = mongoose.model('User', new mongoose.Schema({}));\napp.post('/users', async (req, res) => { res.json(await User.create(req.body)); });", "declare const find: () => Promise<{ save(): Promise<void> }>;\napp.patch('/me', async (req, res) => { const user = await find(); Object.assign(user, req.body); await user.save(); res.json(user); });"],
    innocent: [
      "declare const prisma: { user: { update(options: object): Promise<unknown> } };\napp.patch('/me', async (req, res) => { res.json(await prisma.user.update({ where: { id: 1 }, data: { name: req.body.name } })); });",
      "import { body } from './schemas.js';\ndeclare const prisma: { user: { update(options: object): Promise<unknown> } };\napp.patch('/me', async (req, res) => { const data = body.parse(req.body); res.json(await prisma.user.update({ where: { id: 1 }, data })); });",
      "import { validateBody } from './validate.js';\nclass User { static create(data: unknown) { return data; } }\napp.post('/users', validateBody('user'), (req, res) => { res.json(User.create(req.body)); });",
      "class User { static create(data: unknown) { return data; } }\napp.post('/users', (req, res) => { res.json(User.create(req.body)); });",
      "app.post('/echo', (req, res) => { res.json(Object.assign({}, req.body)); });",
      "import { UserService } from './users.js';\napp.post('/users', (req, res) => { res.json(UserService.create(req.body)); });",
      "app.post('/hash', (req, res) => { res.json(Object.create(null)); void req.body; });",
    ],
  },
  'tls-not-verified': {
    vulnerable: ["import https from 'node:https';\nexport const agent = new https.Agent({ rejectUnauthorized: false });", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';", "import { Pool } from 'pg';\nexport const pool = new Pool({ ssl: { rejectUnauthorized: false } });"],
    innocent: [
      "import https from 'node:https';\nexport const agent = new https.Agent({ rejectUnauthorized: true });",
      "import https from 'node:https';\nexport const agent = new https.Agent({ rejectUnauthorized: process.env.NODE_ENV === 'production' });",
      "import https from 'node:https';\nexport const agent = process.env.NODE_ENV === 'test' ? new https.Agent({ rejectUnauthorized: false }) : undefined;",
      "import https from 'node:https';\nhttps.createServer({ requestCert: true, rejectUnauthorized: false }, app);",
      "if (process.env.NODE_ENV !== 'production') process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';",
    ],
  },
  'request-to-any-host': {
    vulnerable: ["app.get('/fetch', async (req, res) => { const answer = await fetch(req.query.url as string); res.json(await answer.json()); });", "import axios from 'axios';\napp.post('/hook', async (req, res) => { const { url } = req.body; await axios.post(url, {}); res.end(); });", "app.get('/proxy', async (req, res) => { const answer = await fetch(`http://${req.query.host}/status`); res.json(answer.status); });"],
    innocent: [
      "app.get('/u', async (req, res) => { const answer = await fetch(`https://api.example/users/${encodeURIComponent(String(req.query.id))}`); res.json(await answer.json()); });",
      "app.get('/u', async (req, res) => { const answer = await fetch(`https://api.example/users/${req.query.id}`); res.json(await answer.json()); });",
      "app.get('/fetch', async (req, res) => { const url = new URL(String(req.query.url)); if (url.hostname !== 'a.example') throw new Error(); res.json((await fetch(url)).status); });",
      "app.get('/fetch', async (req, res) => { const url = String(req.query.url); assertPublic(url); res.json((await fetch(url)).status); });\nconst assertPublic = (url: string) => { void url; };",
      "const fetch = async (key: string) => ({ key });\napp.get('/c', async (req, res) => { res.json(await fetch(req.query.key as string)); });",
      "declare const repository: { get(id: string): unknown };\napp.get('/r', (req, res) => { res.json(repository.get(req.query.id as string)); });",
    ],
  },
  'upload-without-limit': {
    vulnerable: ["import multer from 'multer';\nconst upload = multer({ dest: '/var/uploads' });\napp.post('/f', upload.single('file'), (_req, res) => { res.end(); });", "import multer from 'multer';\nconst upload = multer({ storage: multer.memoryStorage(), limits: { files: 1 } });\napp.post('/f', upload.single('file'), (_req, res) => { res.end(); });"],
    innocent: [
      "import multer from 'multer';\nconst upload = multer({ limits: { fileSize: 1_000_000 } });\napp.post('/f', upload.single('file'), (_req, res) => { res.end(); });",
      "import multer from 'multer';\napp.post('/f', multer().none(), (_req, res) => { res.end(); });",
      "import multer from 'multer';\nconst form = multer();\napp.post('/f', form.none(), (_req, res) => { res.end(); });",
      "import multer from 'multer';\nimport { limits } from './limits.js';\nexport const upload = multer({ limits });",
    ],
  },
  'upload-named-by-client': {
    vulnerable: ["import multer from 'multer';\nexport const storage = multer.diskStorage({ destination: '/var/uploads', filename: (_req, file, done) => { done(null, file.originalname); } });", "import multer from 'multer';\nexport const storage = multer.diskStorage({ filename(_req, file, cb) { cb(null, file.originalname); } });"],
    innocent: ["import multer from 'multer';\nexport const storage = multer.diskStorage({ filename: (_req, _file, done) => { done(null, crypto.randomUUID()); } });", "import multer from 'multer';\nexport const storage = multer.diskStorage({ filename: (_req, file, done) => { done(null, clean(file.originalname)); } });\nconst clean = (name: string) => name.length.toString();"],
  },
  'path-from-request': {
    vulnerable: [
      "import { readFile } from 'node:fs/promises';\nimport path from 'node:path';\napp.get('/f/:name', async (req, res) => { res.end(await readFile(path.join('/var/files', req.params.name))); });",
      "import fs from 'node:fs';\napp.get('/f', (req, res) => { fs.createReadStream('./files/' + req.query.name).pipe(res); });",
      "import path from 'node:path';\napp.get('/f/:name', (req, res) => { res.sendFile(path.join(process.cwd(), 'files', req.params.name)); });",
    ],
    innocent: [
      "import { readFile } from 'node:fs/promises';\nimport path from 'node:path';\napp.get('/f/:name', async (req, res) => { res.end(await readFile(path.join('/var/files', path.basename(req.params.name)))); });",
      "app.get('/f/:name', (req, res) => { res.sendFile(req.params.name, { root: '/var/files' }); });",
      "import { readFile } from 'node:fs/promises';\nimport path from 'node:path';\napp.get('/f/:name', async (req, res) => { const file = path.resolve('/var/files', req.params.name); if (!file.startsWith('/var/files/')) { res.status(404).end(); return; } res.end(await readFile(file)); });",
      "import { readFile } from 'node:fs/promises';\napp.get('/f', async (_req, res) => { res.end(await readFile('/var/files/index')); });",
      "declare const fs: { open(name: string): void };\napp.get('/w', (req, res) => { window(req.query.name as string); res.end(); });\nconst window = (name: string) => name.length;\nvoid fs;",
    ],
  },
  'project-served-as-files': {
    vulnerable: ["app.use(express.static('.'));", "app.use('/files', express.static(process.cwd()));"],
    innocent: ["app.use(express.static('public'));", "import path from 'node:path';\napp.use(express.static(path.join(process.cwd(), 'public')));", "app.use(express.static(__dirname));"],
  },
  'password-hashed-fast': {
    vulnerable: ["import { createHash } from 'node:crypto';\nexport const stored = (password: string) => createHash('md5').update(password).digest('hex');", "import crypto from 'crypto';\napp.post('/signup', (req, res) => { res.json(crypto.createHash('sha256').update(req.body.password + 'salt').digest('hex').length); });", "import md5 from 'md5';\nexport const stored = (password: string) => md5(password);"],
    innocent: [
      "import { createHash } from 'node:crypto';\nexport const etag = (text: string) => createHash('md5').update(text).digest('hex');",
      "import { createHash } from 'node:crypto';\nimport bcrypt from 'bcrypt';\nexport const stored = (password: string) => bcrypt.hash(createHash('sha256').update(password).digest('base64'), 12);",
      "import { createHash } from 'node:crypto';\nexport const range = (password: string) => createHash('sha1').update(password).digest('hex').slice(0, 5);",
      "import { createHash } from 'node:crypto';\nexport const digest = (token: string) => createHash('sha256').update(token).digest('hex');",
    ],
  },
  'password-hash-too-cheap': {
    vulnerable: ["import bcrypt from 'bcrypt';\nexport const stored = (password: string) => bcrypt.hash(password, 5);", "import { pbkdf2Sync } from 'node:crypto';\nexport const stored = (password: string, salt: Buffer) => pbkdf2Sync(password, salt, 1000, 32, 'sha256');"],
    innocent: ["import bcrypt from 'bcryptjs';\nconst cost = 12;\nexport const stored = (password: string) => bcrypt.hash(password, cost);", "import bcrypt from 'bcrypt';\nexport const stored = (password: string) => bcrypt.hash(password, Number(process.env.COST));", "import { pbkdf2Sync } from 'node:crypto';\nexport const stored = (password: string, salt: Buffer) => pbkdf2Sync(password, salt, 600_000, 32, 'sha256');", "import { pbkdf2Sync } from 'node:crypto';\nexport const key = (master: Buffer, salt: Buffer) => pbkdf2Sync(master, salt, 1, 32, 'sha256');"],
  },
  'secret-compared-early-exit': {
    vulnerable: ["app.use((req, res, next) => { if (req.headers['x-api-key'] !== process.env.API_KEY) { res.status(401).end(); return; } next(); });", "app.use((req, res, next) => { if (req.get('x-token') === process.env.ADMIN_TOKEN) next(); else res.status(401).end(); });"],
    innocent: ["app.use((req, res, next) => { if (req.headers['x-env'] === process.env.NODE_ENV) next(); else res.end(); });", "import { timingSafeEqual } from 'node:crypto';\napp.use((req, res, next) => { if (timingSafeEqual(digest(req.get('x-token')), digest(process.env.ADMIN_TOKEN))) next(); else res.end(); });\nconst digest = (text: unknown) => Buffer.alloc(32, String(text));", "if (process.env.API_KEY === undefined) throw new Error('no key');"],
  },
  'secret-in-source': {
    vulnerable: [
      "import session from 'express-session';\napp.use(session({ secret: 'keyboard cat', cookie: { secure: true } }));",
      "import jwt from 'jsonwebtoken';\nconst SECRET = 'my-secret';\nexport const issue = () => jwt.sign({ sub: '1' }, SECRET);",
      "import session from 'express-session';\napp.use(session({ secret: process.env.SESSION_SECRET || 'change me', cookie: { secure: true } }));",
      "import cookieParser from 'cookie-parser';\napp.use(cookieParser('s3cret'));",
    ],
    innocent: [
      "import session from 'express-session';\napp.use(session({ secret: process.env.SESSION_SECRET as string, cookie: { secure: true } }));",
      "import session from 'express-session';\nimport { config } from './config.js';\napp.use(session({ secret: config.secret, cookie: { secure: true } }));",
      "import cookieParser from 'cookie-parser';\napp.use(cookieParser());",
      "import jwt from 'jsonwebtoken';\nconst key = '-----BEGIN PUBLIC KEY-----\\nabc\\n-----END PUBLIC KEY-----';\nexport const who = (token: string) => jwt.verify(token, key, { algorithms: ['RS256'] });",
      "import session from 'express-session';\nif (process.env.NODE_ENV === 'production' && !process.env.S) throw new Error('S');\napp.use(session({ secret: process.env.S ?? 'development', cookie: { secure: true } }));",
    ],
  },
  'token-from-math-random': {
    vulnerable: ["export const resetToken = () => Math.random().toString(36).slice(2);", "app.post('/forgot', (_req, res) => { const code = { resetCode: Math.floor(Math.random() * 1e6) }; res.json(Object.keys(code)); });", "export function generateOtp() { return String(Math.floor(100000 + Math.random() * 900000)); }", "export const apiKey = 'k_' + Math.random().toString(36);"],
    innocent: ["export const delay = 100 + Math.random() * 50;", "export const color = `#${Math.floor(Math.random() * 0xffffff).toString(16)}`;", "export const token = Math.random() < 0.5 ? first() : first();\nfunction first() { return crypto.randomUUID(); }", "export const maxTokens = Math.floor(Math.random() * 10);", "export function acquireLock() { const token = Math.random().toString(36); return token; }", "export const dummyToken = Math.random().toString();", "import { randomBytes } from 'node:crypto';\nexport const resetToken = () => randomBytes(32).toString('hex');\nexport const jitter = Math.random();"],
  },
  'cipher-broken': {
    vulnerable: ["import { createCipheriv, randomBytes } from 'node:crypto';\nexport const seal = (key: Buffer) => createCipheriv('des-ede3-cbc', key, randomBytes(8));", "import crypto from 'node:crypto';\nexport const seal = (key: Buffer) => crypto.createCipheriv('aes-128-ecb', key, null);"],
    innocent: ["import { createCipheriv, randomBytes } from 'node:crypto';\nexport const seal = (key: Buffer) => createCipheriv('aes-256-gcm', key, randomBytes(12), { authTagLength: 16 });", "import { createDecipheriv } from 'node:crypto';\nexport const old = (key: Buffer, iv: Buffer) => createDecipheriv('des-ede3-cbc', key, iv);"],
  },
  'cipher-fixed-iv': {
    vulnerable: ["import { createCipheriv } from 'node:crypto';\nexport const seal = (key: Buffer) => createCipheriv('aes-256-gcm', key, Buffer.alloc(12));", "import { createCipheriv } from 'node:crypto';\nconst iv = '1234567890123456';\nexport const seal = (key: Buffer) => createCipheriv('aes-256-cbc', key, iv);"],
    innocent: ["import { createCipheriv, randomBytes } from 'node:crypto';\nexport const seal = (key: Buffer) => { const iv = randomBytes(12); return createCipheriv('aes-256-gcm', key, iv); };", "import { createCipheriv, randomFillSync } from 'node:crypto';\nexport const seal = (key: Buffer) => { const iv = Buffer.alloc(12); randomFillSync(iv); return createCipheriv('aes-256-gcm', key, iv); };"],
  },
  'markup-from-request': {
    vulnerable: ["app.get('/hi', (req, res) => { res.send(`<h1>Hello ${req.query.name}</h1>`); });", "app.get('/hi', (req, res) => { const { name } = req.query; res.status(200).send('<p>' + name + '</p>'); });"],
    innocent: [
      "app.get('/hi', (req, res) => { res.json({ hello: req.query.name }); });",
      "app.get('/hi', (req, res) => { res.send(`<h1>${escape(req.query.name)}</h1>`); });\nconst escape = (text: unknown) => String(text).replaceAll('<', '&lt;');",
      "app.get('/hi', (req, res) => { res.type('text/plain').send(`<${req.query.name}>`); });",
      "app.get('/hi', (req, res) => { res.render('hi', { name: req.query.name }); });",
      "app.get('/hi', (_req, res) => { res.send('<h1>Hello</h1>'); });",
    ],
  },
  'template-from-request': {
    vulnerable: ["import ejs from 'ejs';\napp.post('/t', (req, res) => { res.send(ejs.render(req.body.template, {})); });"],
    innocent: ["import ejs from 'ejs';\napp.post('/t', (req, res) => { res.send(ejs.render('<p><%= name %></p>', { name: req.body.name })); });", "app.post('/t', (req, res) => { res.render('page', req.body.data); });"],
  },
  'template-engine-does-not-escape': {
    vulnerable: ["import nunjucks from 'nunjucks';\nnunjucks.configure('views', { autoescape: false, express: app });"],
    innocent: ["import nunjucks from 'nunjucks';\nnunjucks.configure('views', { autoescape: true, express: app });", "import nunjucks from 'nunjucks';\nnunjucks.configure('mails', { autoescape: false });"],
  },
  'xml-entities-on': {
    vulnerable: ["import { parseXml } from 'libxmljs2';\napp.post('/x', (req, res) => { res.json(parseXml(String(req.body), { noent: true })); });"],
    innocent: ["import { parseXml } from 'libxmljs2';\napp.post('/x', (req, res) => { res.json(parseXml(String(req.body), { noent: false })); });", "import { parseXml } from 'libxmljs2';\napp.post('/x', (req, res) => { res.json(parseXml(String(req.body))); });"],
  },
  'lenient-http-parser': {
    vulnerable: ["import http from 'node:http';\nhttp.createServer({ insecureHTTPParser: true }, app);"],
    innocent: ["import http from 'node:http';\nhttp.createServer({ insecureHTTPParser: false }, app);", "import http from 'node:http';\nhttp.get({ host: 'old.example', insecureHTTPParser: true });"],
  },
  'body-without-limit': {
    vulnerable: ["app.use(express.json({ limit: '1gb' }));", "import bodyParser from 'body-parser';\napp.use(bodyParser.json({ limit: Infinity }));", "app.use(express.raw({ limit: 500 * 1024 * 1024 }));"],
    innocent: ["app.use(express.json());", "app.use(express.json({ limit: '10mb' }));", "app.use(express.json({ limit: process.env.LIMIT }));"],
  },
  'slow-requests-never-end': {
    vulnerable: ["import http from 'node:http';\nconst server = http.createServer(app);\nserver.requestTimeout = 0;\nserver.headersTimeout = 0;"],
    innocent: ["import http from 'node:http';\nconst server = http.createServer(app);\nserver.requestTimeout = 0;", "import http from 'node:http';\nconst server = http.createServer(app);\nserver.requestTimeout = 30_000;\nserver.headersTimeout = 10_000;"],
  },
  'password-logged': {
    vulnerable: ["app.post('/login', (req, res) => { console.log('sign-in', req.body.password); res.end(); });", "declare const logger: { info(data: unknown): void };\napp.use((req, _res, next) => { logger.info({ headers: req.headers }); next(); });", "app.use((req, _res, next) => { console.log(`auth ${req.headers.authorization}`); next(); });"],
    innocent: ["app.post('/login', (req, res) => { console.log('sign-in', req.body.email); res.end(); });", "app.post('/password', (_req, res) => { console.log('password changed'); res.end(); });", "app.use((req, _res, next) => { console.log(req.headers['user-agent']); next(); });", "declare const logger: { info(data: unknown): void };\nlogger.info({ password: '[redacted]' });"],
  },
  'sign-in-without-limit': {
    vulnerable: ["app.post('/login', (_req, res) => { res.json({}); });", "app.post('/api/auth/sign-in', (_req, res) => { res.json({}); });"],
    innocent: ["import { rateLimit } from 'express-rate-limit';\napp.use(rateLimit());\napp.post('/login', (_req, res) => { res.json({}); });", "app.get('/login', (_req, res) => { res.render('login'); });", "app.post('/items', (_req, res) => { res.json({}); });", "const failures = new Map<string, number>();\napp.post('/login', (_req, res) => { if ((failures.get('a') ?? 0) > 5) { res.status(429).end(); return; } res.json({}); });"],
  },
  'file-writable-by-everybody': {
    vulnerable: ["import { chmodSync } from 'node:fs';\nchmodSync('/var/data', 0o777);", "import fs from 'node:fs/promises';\nawait fs.chmod('/var/data', '666');"],
    innocent: ["import { chmodSync } from 'node:fs';\nchmodSync('/var/data', 0o600);", "import { chmodSync } from 'node:fs';\nchmodSync('/tmp/shared', 0o1777);", "import { mkdirSync } from 'node:fs';\nmkdirSync('/var/data', { mode: 0o777 });"],
  },
};

/** Whole files that are innocent as they stand, whatever they look like. */
export const innocents: readonly (readonly [Target, string])[] = [
  ['express', `${quiet}// app.use(cors({ origin: true, credentials: true }));\nexport const example = "res.redirect(req.query.next)";`],
  ['express', `${quiet}/* eval(req.body) */\nexport const text = \`SELECT * FROM users WHERE id = \${1 + 1}\`;`],
  ['fastify', "app.get('/go', { schema: { querystring: { type: 'object', properties: { next: { type: 'string', pattern: '^/[a-z]' } } } } }, async (request, reply) => reply.redirect(request.query.next));"],
  ['fastify', "app.setErrorHandler((error, request, reply) => { request.log.error(error.stack); return reply.status(500).send({ title: 'failed' }); });"],
];
