import express from "express";

const app = express();
app.set("trust proxy", false);

/* routes */
app.use(express.json());
app.get("/hello", (_req, res) => { res.json({ hello: "world" }); }); /* says
hello */
app.post("/echo", (req, res) => { res.json(req.body); });
app.get("/fails", () => { throw new Error("password of the database is hunter2"); });

export default app;
