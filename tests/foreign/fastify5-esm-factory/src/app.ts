import Fastify, { type FastifyInstance } from "fastify"

/** Builds it */
export async function buildApp(): Promise<FastifyInstance> {
	const app = Fastify({ logger: false })

	app.get("/hello", async () => ({ hello: "world" }))
	app.post("/echo", async (request) => request.body)
	app.get("/fails", async () => { throw new Error("password of the database is hunter2") })
	return app
}
