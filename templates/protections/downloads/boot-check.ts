import type { BootCheck } from '#src/config.ts';

/** An origin of files that is the app's own would share its sessions; one that the app does not answer for would serve nothing. */
export const bootCheck: BootCheck = ({ config }) => {
  const { DOWNLOAD_ORIGIN, BASE_URL, ALLOWED_HOSTS, NODE_ENV } = config;
  if (DOWNLOAD_ORIGIN === undefined) return [];
  const { protocol, host, hostname, origin } = new URL(DOWNLOAD_ORIGIN);
  const problems: string[] = [];
  if (hostname === new URL(BASE_URL).hostname) problems.push('DOWNLOAD_ORIGIN must be another host than that of BASE_URL: cookies know no ports'); // protect: Q408
  if (![origin, `${origin}/`].includes(DOWNLOAD_ORIGIN)) problems.push('DOWNLOAD_ORIGIN must be an origin, without a path');
  if (NODE_ENV === 'production' && protocol !== 'https:') problems.push('DOWNLOAD_ORIGIN must be https'); // protect: Q408
  if (!ALLOWED_HOSTS.includes(host)) problems.push('ALLOWED_HOSTS must list the host of DOWNLOAD_ORIGIN');
  return problems;
};
