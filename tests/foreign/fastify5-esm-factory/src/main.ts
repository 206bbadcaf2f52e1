import { buildApp } from "./app.ts"

const app = await buildApp()
await app.listen({ port: Number(process.env["PORT"] ?? 0) })
