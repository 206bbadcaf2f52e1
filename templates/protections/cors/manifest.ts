import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'cors',
  kind: 'option',
  group: 'HTTP',
  title: 'Cross-origin access',
  summary: 'Lets scripts of listed origins call the app, and refuses what pages of all others try to change.',
  phase: 'cors',
  requires: ['csrf', 'errors', 'host-check'],
  options: {
    maxAgeSeconds: {
      type: 'integer',
      default: 600,
      min: 0,
      max: 7200,
      unit: 's',
      describe: 'How long browsers remember what a preflight granted',
    },
  },
  env: {
    CORS_ORIGINS: {
      type: 'list',
      default: [],
      describe: 'Exact origins whose scripts may call the app as the user who is signed in, such as https://spa.example',
    },
  },
  foreign: {
    requires: ['host-check'],
    sameJob: ['cors', '@fastify/cors'],
    notes: ['List the origins of your single-page apps in CORS_ORIGINS: changes that pages of any other origin send are answered 403.'],
    notCovered: ['Which methods a route has: a preflight of a listed origin is granted all of them.'],
  },
  items: {
    Q422: {
      title: 'CORS for single-page apps',
      threat: 'Foreign origins read authenticated answers.',
      asvs: ['V3.4.2', 'V3.5.2'],
      cwe: ['CWE-942', 'CWE-346'],
    },
    Q449: {
      title: 'CORS misconfiguration check',
      threat: 'A later edit opens CORS without anyone noticing.',
      asvs: ['V3.4.2', 'V3.5.8'],
      cwe: ['CWE-942', 'CWE-346'],
    },
  },
  notCovered: [
    'What a listed origin does: its scripts act as the user, and so does whoever can inject a script into it.',
    'Programs that are no browsers: they send any Origin, or none. Who may call a route is said by its access.',
    'Reading through tags (images, scripts, frames), which asks no permission: Cross-Origin-Resource-Policy and frame-ancestors answer that.',
    'Cookies on requests from another site: they are SameSite, so only origins of the same site reach the app signed in.',
    'A proxy or CDN in front of the app that adds CORS headers of its own, or a cache there that ignores Vary.',
  ],
});
