import { App } from './app';

new App().app.listen(Number(process.env.PORT), '127.0.0.1');
