import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'rate-limit',
  kind: 'core',
  group: 'HTTP',
  title: 'Rate and business limits',
  summary: 'Bounds how often a client, a user or anybody can do a thing, and in which order.',
  phase: 'limits',
  requires: ['host-check'],
  services: ['db', 'recurring', 'redis'],
  dependencies: ['typebox', 'kysely', 'ioredis'],
  env: {
    RATE_LIMIT_REQUESTS: {
      type: 'integer',
      default: 3000,
      min: 1,
      max: 100_000_000,
      describe: 'Requests that one client address (IPv6: one /64) may send in a window, to any path, to this process',
    },
    RATE_LIMIT_WINDOW_MS: { type: 'integer', default: 60_000, min: 100, max: 86_400_000, describe: 'The window of RATE_LIMIT_REQUESTS, in ms' },
  },
  foreign: {
    sameJob: ['express-rate-limit', '@fastify/rate-limit', 'rate-limiter-flexible', 'express-slow-down'],
    standsBeside: true,
    notes: ['Behind a proxy, list its address in TRUSTED_PROXIES: otherwise all clients count as one.'],
    notCovered: ['Limits of single routes, of users and of business rules: the routes of this repo do not say which apply to them.', 'Limits across several processes: each counts for itself.'],
  },
  items: {
    Q429: {
      title: 'Request rate limits',
      threat: 'Unlimited calls allow guessing, scraping and exhaustion.',
      asvs: ['V2.4.1', 'V6.3.1', 'V15.3.4'],
      cwe: ['CWE-770', 'CWE-799', 'CWE-307'],
    },
    Q466: {
      title: 'Sliding window algorithm',
      threat: 'A flawed counter lets bursts through or locks honest clients out.',
      asvs: ['V2.4.1', 'V15.4.2'],
      cwe: ['CWE-799', 'CWE-362', 'CWE-770'],
    },
    Q427: {
      title: 'Business limits and flow order',
      threat: 'Legitimate features are repeated, reordered or raced for gain.',
      asvs: ['V2.1.3', 'V2.3.1', 'V2.3.2', 'V2.3.3', 'V2.3.4'],
      cwe: ['CWE-799', 'CWE-841', 'CWE-362'],
    },
  },
  notCovered: [
    'A flood that fills the line or the connection table before a request is read: that is the work of the network in front.',
    'Attackers with many networks: each counts for itself.',
    'Several processes without REDIS_URL: each counts for itself. The limit on all requests is kept by each process in any case.',
    'Targets that the HTTP parser or the router refuse before any hook runs: they cost little and are not counted.',
  ],
});
