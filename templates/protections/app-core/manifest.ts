import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'app-core',
  kind: 'core',
  group: 'Skeleton',
  title: 'Request context, modules, events',
  summary: 'Keeps one request from seeing another, and modules from skipping the guards.',
  phase: 'transport',
  foundation: true,
  dependencies: ['typebox', 'pino'],
  targetDependencies: { fastify: ['fastify', 'fastify-plugin'], express: ['express'] },
  foreign: {},
  items: {
    Q403: {
      title: 'Per-request context across async code',
      threat: "State kept outside the request lets one user's identity surface in another user's request.",
      asvs: ['V15.4.1', 'V16.2.1'],
      cwe: ['CWE-488', 'CWE-362'],
    },
    G4: {
      title: 'Request-scoped and app-scoped state',
      threat: 'A convenient global bag becomes shared mutable state between concurrent requests.',
      asvs: ['V1.4.3', 'V15.4.1'],
      cwe: ['CWE-488'],
    },
    G5: {
      title: 'In-process events',
      threat: 'A failing subscriber breaks the request, or a security effect disappears with its listener.',
      asvs: ['V2.3.3', 'V16.3.4', 'V16.5.3'],
      cwe: ['CWE-755'],
    },
    G6: {
      title: 'Feature modules and several apps in one process',
      threat: 'A module mounted without guards opens a side door.',
      asvs: ['V3.5.4', 'V8.2.1', 'V15.2.3'],
      cwe: ['CWE-862', 'CWE-653'],
    },
  },
  notCovered: [
    'State that your own code keeps in module variables: the context cannot see it.',
    'Separation between processes or hosts: two apps that share a host name share cookies and origin.',
  ],
});
