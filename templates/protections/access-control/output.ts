import { Problem } from '../app-core/problem.ts';
import { type RouteTools, toAnswer } from '../app-core/routing.ts';
import { keyword } from '../validation/keywords.ts';
import { compileProjection } from './projection.ts';

const textWithoutSchema = (place: string): Problem =>
  new Problem(500, { cause: new Error(`${place} answers with text, its schema says otherwise.`) });

/**
 * Compiles the answers of a route: one closed projection for everybody, one for each role that sees more.
 * @throws Error at boot for a route without a closed output schema.
 */
export const compileOutput: RouteTools['compileOutput'] = ({ method, fullPath, output, outputFor = {} }) => {
  const place = `${method} ${fullPath}`;
  const plain = compileProjection(output, place);
  const byRole = Object.entries(outputFor).map(([role, schema]) => ({ role, project: compileProjection(schema, `${place} for ${role}`) }));
  const sendsText = keyword(output, 'type') === 'string';
  return (reply, actor) => {
    // Text goes out as it is: only a route that declares text may send it, or the schema would be a fence beside a hole.
    if (reply.text !== undefined && !sendsText) throw textWithoutSchema(place); // protect: Q455
    // protect: Q455 (actor?.roles.includes(role) === true -> role !== '')
    const project = byRole.find(({ role }) => actor?.roles.includes(role) === true)?.project ?? plain;
    return toAnswer(reply, (body) => JSON.stringify(project(body))); // protect: Q455 (project(body) -> body)
  };
};
