import { registerHooks } from 'node:module';

/** Loaded before `src/server.ts`: the server as it is, with the routes of a test in the place of its own. */
const routes = new URL('./routes.ts', import.meta.url).href;

// The server dies with the test that started it, however that one ends.
process.once('disconnect', () => process.exit(2));

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '#src/routes/index.ts' ? { url: routes, shortCircuit: true } : next(specifier, context),
});
