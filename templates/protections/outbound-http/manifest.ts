import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'outbound-http',
  kind: 'option',
  group: 'HTTP',
  title: 'Calls to other systems',
  summary: 'Calls of the app reach public hosts that are allowed, within limits, and partners that fail do not take it down.',
  phase: 'routes',
  requires: ['access-control', 'app-core', 'validation'],
  dependencies: ['ipaddr.js', 'typebox', 'undici'],
  env: {
    OUTBOUND_HOSTS: {
      type: 'list',
      default: [],
      describe: 'Names of the hosts that safeFetch may call where it is not told that any public host will do',
    },
    OUTBOUND_PORTS: { type: 'list', default: ['443'], describe: 'Ports that safeFetch may call' },
    OUTBOUND_DEADLINE_MS: { type: 'integer', default: 10_000, min: 10, max: 120_000, describe: 'How long a call to another system may take, redirects and retries included, in ms' },
    OUTBOUND_MAX_BYTES: { type: 'integer', default: 1_048_576, min: 1_024, max: 104_857_600, describe: 'The largest answer of another system, unpacked, in bytes' },
    OUTBOUND_CONCURRENCY: { type: 'integer', default: 50, min: 1, max: 10_000, describe: 'Calls of safeFetch that one process has under way at once' },
  },
  lint: { 'outbound-http/one-client': 'error' },
  items: {
    Q451: {
      title: 'Server-side request forgery',
      threat: 'The server is made to call loopback, cloud metadata or internal hosts.',
      asvs: ['V1.3.6', 'V13.1.1', 'V13.2.4', 'V13.2.5', 'V15.3.2'],
      cwe: ['CWE-918', 'CWE-367'],
    },
    Q477: {
      title: 'Third-party APIs',
      threat: 'A slow, compromised or impersonated partner takes the app down or feeds it bad data.',
      asvs: ['V4.2.5', 'V12.3.2', 'V13.1.3', 'V13.2.6', 'V14.2.1', 'V15.3.2', 'V16.5.2'],
      cwe: ['CWE-295', 'CWE-598', 'CWE-400'],
    },
  },
  notCovered: [
    'Public addresses that trust you by where you call from, your own among them: list the hosts, or filter at the firewall.',
    'Networks that reach IPv4 only through NAT64: its addresses are refused, also the well-known ones that lead to public hosts.',
    'Calls of other clients, such as an SDK with an HTTP client inside: give it a fixed host, or filter at the firewall.',
    'What an answer says: a partner that is taken over can lie within its schema.',
    'Several processes: each counts failures and calls for itself.',
  ],
});
