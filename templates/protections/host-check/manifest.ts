import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'host-check',
  kind: 'core',
  group: 'HTTP',
  title: 'Trusted host, proxy and URL building',
  summary: 'Answers only for its own host names, believes only its own proxies, builds links only from BASE_URL.',
  phase: 'limits',
  requires: ['app-core'],
  dependencies: ['ipaddr.js'],
  env: {
    ALLOWED_HOSTS: {
      type: 'list',
      default: [],
      describe: 'Host names (host or host:port) the app answers for besides that of BASE_URL; everything else gets 421',
    },
    TRUSTED_PROXIES: {
      type: 'list',
      default: [],
      describe: 'Addresses or CIDR ranges of the proxies in front of the app; only their X-Forwarded-* headers are read',
    },
  },
  foreign: {
    notes: ['Set BASE_URL to the origin that users see and list other names in ALLOWED_HOSTS: requests for any other host are answered 421, also those of health checks that ask by address.'],
  },
  items: {
    Q439: {
      title: 'Host and forwarded headers',
      threat: 'A forged Host or X-Forwarded-* value poisons links in mail, caches, redirects and limits by address.',
      asvs: ['V4.1.2', 'V4.1.3'],
      cwe: ['CWE-807', 'CWE-20'],
    },
    G7: {
      title: 'URL building',
      threat: 'A value glued into a URL changes its path, host or scheme.',
      asvs: ['V1.2.2', 'V4.1.3'],
      cwe: ['CWE-116', 'CWE-601'],
    },
  },
  notCovered: [
    'Proxies that do not overwrite X-Forwarded-Proto and X-Forwarded-Host: what they pass on from the client is believed.',
    'The header Forwarded (RFC 7239) is not read, neither are X-Forwarded-Port and X-Forwarded-Prefix.',
    'Links that your own code glues together instead of calling urlFor, absoluteUrl or safeHref.',
  ],
});
