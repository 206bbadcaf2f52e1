import type { BootCheck } from '#src/config.ts';
import { fileTypes } from './file-types.ts';

/** Refuses types that nothing here can look into, and a time limit that the server would cut short. */
export const bootCheck: BootCheck = ({ config }) => {
  const { UPLOAD_TYPES, UPLOAD_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = config;
  const problems = UPLOAD_TYPES.flatMap((type, index) =>
    fileTypes.some(({ mime }) => mime === type) ? [] : [`UPLOAD_TYPES: entry ${index + 1} is no type that can be checked: ${fileTypes.map(({ mime }) => mime).join(', ')}`], // protect: Q478
  );
  if (UPLOAD_TIMEOUT_MS > REQUEST_TIMEOUT_MS) problems.push('UPLOAD_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS: the server would cut uploads off without an answer');
  return problems;
};
