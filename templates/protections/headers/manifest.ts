import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'headers',
  kind: 'core',
  group: 'HTTP',
  title: 'Browser-facing response headers and safe configuration',
  summary: 'Tells browsers what no answer may be used for, and refuses to start on an unsafe production setting.',
  phase: 'headers',
  requires: ['app-core'],
  options: {
    hstsSeconds: {
      type: 'integer',
      default: 31_536_000,
      min: 0,
      max: 126_144_000,
      unit: 's',
      describe: 'How long browsers insist on HTTPS; 0 takes the promise back',
    },
    hstsSubdomains: { type: 'boolean', default: true, describe: 'Insist on HTTPS for every subdomain too' },
  },
  env: {
    PRIVATE_HOSTS: {
      type: 'list',
      default: [],
      describe: 'Database and Redis hosts on a network that nobody else is on, such as that of compose.yaml; production asks no TLS of them',
    },
  },
  foreign: {
    sameJob: ['helmet', '@fastify/helmet', 'koa-helmet'],
    standsBeside: true,
    notes: [
      'Pages may load scripts and styles from their own origin only. One that needs more sets a Content-Security-Policy of its own: what a handler sets stays.',
      'In production the app refuses to start with a sample secret, a database link in clear text or a debug switch; set BASE_URL to the https origin that users see.',
    ],
    notCovered: ['What the server answers before there is a request: a message that does not parse.', 'Reports of the content security policy: nothing in this repo takes them in.'],
  },
  items: {
    Q415: {
      title: 'Framing (clickjacking)',
      threat: 'A hostile page frames the app invisibly and makes the victim click real buttons.',
      asvs: ['V3.4.6'],
      cwe: ['CWE-1021'],
    },
    Q421: {
      title: 'Refusing unsafe configuration',
      threat: 'Debug output, a sample secret or a development shortcut reaches production.',
      asvs: ['V13.2.3', 'V13.4.2', 'V13.4.6', 'V15.2.3'],
      cwe: ['CWE-1188', 'CWE-489', 'CWE-497', 'CWE-1392'],
    },
    B5: {
      title: 'Header baseline',
      threat: 'Browsers sniff types, leak referrers, allow cross-origin embedding and fall back to plain HTTP.',
      asvs: ['V3.4.1', 'V3.4.3', 'V3.4.4', 'V3.4.5', 'V3.4.7', 'V3.4.8', 'V3.5.8', 'V4.1.1'],
      cwe: ['CWE-693', 'CWE-319'],
    },
  },
  notCovered: [
    'Script injection itself: a content security policy limits what injected markup can do, escaping is what prevents it.',
    'Headers that a proxy or CDN in front of the app removes, replaces or adds, such as `Server`.',
    'A secret that is random but stolen, and settings that your own code reads from elsewhere than the environment.',
    'A debugger that somebody with a shell on the host opens later by SIGUSR1.',
  ],
});
