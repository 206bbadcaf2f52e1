import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'request-hygiene',
  kind: 'core',
  group: 'HTTP',
  title: 'HTTP message handling',
  summary: 'Refuses messages that two hops could read differently, slow senders, and header values that break out.',
  phase: 'transport',
  requires: ['app-core'],
  env: {
    HEADERS_TIMEOUT_MS: {
      type: 'integer',
      default: 5_000,
      min: 100,
      max: 60_000,
      describe: 'How long the head of a request may take to arrive',
    },
    REQUEST_TIMEOUT_MS: {
      type: 'integer',
      default: 15_000,
      min: 100,
      max: 600_000,
      describe: 'How long a whole request may take to arrive',
    },
    KEEP_ALIVE_TIMEOUT_MS: {
      type: 'integer',
      default: 5_000,
      min: 100,
      max: 600_000,
      describe: 'How long an idle connection stays open; keep it longer than that of the proxy in front',
    },
    SOCKET_TIMEOUT_MS: {
      type: 'integer',
      default: 30_000,
      min: 100,
      max: 3_600_000,
      describe: 'A connection on which nothing moves for this long is closed, also while a handler works or a client does not read',
    },
    MAX_REQUESTS_PER_SOCKET: {
      type: 'integer',
      default: 1_000,
      min: 1,
      max: 1_000_000,
      describe: 'Requests on one connection before the client must open a new one',
    },
    MAX_HEADER_BYTES: {
      type: 'integer',
      default: 16_384,
      min: 4_096,
      max: 65_536,
      describe: 'The largest request head, in bytes; longer ones get 431',
    },
  },
  lint: { 'request-hygiene/no-computed-header-name': 'error' },
  foreign: {
    notCovered: ['Slow senders and long heads: the server of this repo is made elsewhere, with timeouts of its own.', 'Header values that your own handlers build from input.'],
  },
  items: {
    Q407: {
      title: 'Header injection',
      threat: 'User text placed in a response header splits the response or crashes it.',
      asvs: ['V1.2.1'],
      cwe: ['CWE-113', 'CWE-93'],
    },
    Q443: {
      title: 'Request smuggling and slow requests',
      threat: 'Two hops disagree on where a message ends, or a slow client holds sockets for ever.',
      asvs: ['V4.1.4', 'V4.2.1', 'V4.2.2', 'V13.4.4', 'V15.2.2'],
      cwe: ['CWE-444', 'CWE-400'],
    },
  },
  notCovered: [
    'A proxy in front that reads messages more leniently than this server: let it normalise, as docs/proxy/nginx.conf does.',
    'Many clients that each behave: that is the rate limit, and before it the network.',
    'A handler that works for longer than its caller waits: pass `context.signal` to whatever takes time.',
    'HTTP/2 and HTTP/3: the proxy ends them.',
  ],
});
