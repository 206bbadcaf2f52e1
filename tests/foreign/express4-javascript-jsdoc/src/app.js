const express = require('express');

/** @type {import('express').Express} */
const app = express();
app.get('/hello', (req, res) => res.json({ hello: 'world' }));
app.listen(process.env.PORT);
