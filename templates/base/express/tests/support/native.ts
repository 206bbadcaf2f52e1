import { Router } from 'express';
import type { Binding } from '#src/http/binding.ts';

/** A route that went around `route()` and so has no policy. */
export const routeWithoutPolicy = (path: string): Binding => ({
  id: 'fixture-route',
  install: (app) => void app.use('/nested', Router().get(path, (_request, response) => void response.end('open'))),
});

/** Request state that all requests would share. */
export const sharedRequestState = (): Binding => ({
  id: 'fixture-state',
  install: (app) => void Object.assign(app.request, { fixtureItems: [] }),
});

/** A binding that needs one which is not there. */
export const bindingInWrongPlace = (): Binding => ({ id: 'fixture-order', requires: ['fixture-that-comes-later'] });
