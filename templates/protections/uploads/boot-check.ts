import type { BootCheck } from '#src/config.ts';
import { fileTypes } from './file-types.ts';

/** This machine, and in production the hosts of a network of ours (PRIVATE_HOSTS, as compose.yaml sets it). */
const isNear = (hostname: string, privateHosts = ''): boolean =>
  hostname === '' || hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname) || privateHosts.split(',').some((host) => host.trim().toLowerCase() === hostname);

/** Refuses types that nothing here can look into, a time limit that the server would cut short, and files in clear text to other networks. */
export const bootCheck: BootCheck = ({ config, env }) => {
  const { UPLOAD_TYPES, UPLOAD_TIMEOUT_MS, REQUEST_TIMEOUT_MS } = config;
  const problems = UPLOAD_TYPES.flatMap((type, index) =>
    fileTypes.some(({ mime }) => mime === type) ? [] : [`UPLOAD_TYPES: entry ${index + 1} is no type that can be checked: ${fileTypes.map(({ mime }) => mime).join(', ')}`], // protect: Q478
  );
  if (UPLOAD_TIMEOUT_MS > REQUEST_TIMEOUT_MS) problems.push('UPLOAD_TIMEOUT_MS must not be longer than REQUEST_TIMEOUT_MS: the server would cut uploads off without an answer');
  for (const [name, url] of Object.entries({ CLAMD_URL: config.CLAMD_URL, STORAGE_URL: config.STORAGE_URL })) {
    if (config.NODE_ENV !== 'production' || url === undefined || url.startsWith('s3:')) continue;
    if (!isNear(new URL(url).hostname, env['PRIVATE_HOSTS'])) problems.push(`${name} sends files to another host in clear text: list it in PRIVATE_HOSTS where the network is yours alone`); // protect: Q414
  }
  return problems;
};
