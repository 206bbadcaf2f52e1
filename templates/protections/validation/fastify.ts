import type { Binding } from '#src/http/binding.ts';
import { compileInput } from './core.ts';

export const validation = (): Binding => ({
  id: 'validation',
  requires: ['app-core'],
  install: (_app, { routing }) => routing.provide({ compileInput, parseJson: (body) => JSON.parse(body.toString()) }),
});
