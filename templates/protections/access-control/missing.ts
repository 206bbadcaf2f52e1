import { Problem } from '../app-core/problem.ts';

/**
 * What a repository found. What belongs to others it does not find, so that nobody learns that it exists (CWE-204).
 * @throws Problem 404 without any detail.
 */
export const foundOr404 = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Problem(404);
  return found;
};
