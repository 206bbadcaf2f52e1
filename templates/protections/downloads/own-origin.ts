import { Problem } from '#src/protections/app-core/problem.ts';
import type { GuardFactory } from '#src/protections/app-core/routing.ts';
import { linkPath } from './links.ts';

/**
 * Keeps the origin of files and that of the app apart: there is no session and no page at the first, and no file of a user at the
 * second, so that whatever gets a file to run has nothing to reach (ASVS V3.2.1).
 */
export const separateOrigins: GuardFactory = ({ fullPath }, { config }) => {
  const { DOWNLOAD_ORIGIN } = config;
  if (DOWNLOAD_ORIGIN === undefined) return undefined;
  const host = new URL(DOWNLOAD_ORIGIN).host;
  const isOfFiles = fullPath.startsWith(`${linkPath}/`);
  return ({ request }) => ((request.headers.host?.toLowerCase() === host) === isOfFiles ? undefined : new Problem(404)); // protect: Q408
};
