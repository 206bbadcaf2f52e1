import type { Binding } from '#src/http/binding.ts';
import { createCompileInput } from './core.ts';
import { parseJson } from './json.ts';

/** Gives every route its parser. What reads the body is `src/http/body.ts`. */
export const validation = (): Binding => ({
  id: 'validation',
  requires: ['app-core'],
  install: (_app, { routing, clock }) => routing.provide({ compileInput: createCompileInput(clock), parseJson }),
});
