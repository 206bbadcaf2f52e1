import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'file-permissions',
  kind: 'core',
  group: 'Project',
  title: 'Process and file rights',
  summary: 'Refuses readable secrets, writable code and root; runs the app in a read-only image and under the permission model of Node.',
  phase: 'transport',
  requires: ['app-core'],
  env: {
    WRITABLE_DIRS: {
      type: 'list',
      default: ['data'],
      describe: 'Directories that the app writes to, below the project or absolute; all else is read-only under start:sandboxed',
    },
  },
  scripts: { 'start:sandboxed': 'node --disable-proto=delete --env-file-if-exists=.env src/start-sandboxed.ts' },
  items: {
    Q437: {
      title: 'Least privilege on disk',
      threat: 'Readable secrets or writable code turn a small bug into a takeover.',
      asvs: ['V13.2.2', 'V13.3.2', 'V13.4.1', 'V15.2.5'],
      cwe: ['CWE-732', 'CWE-276', 'CWE-250'],
    },
  },
  notCovered: [
    'Windows: there are no modes to check; give the data directory an access list of its own.',
    'Network access under start:sandboxed: Node grants all of it or none.',
    'Files that already existed with loose modes: the umask is for new ones only.',
    'A symbolic link that stands inside a granted directory: Node follows it out.',
  ],
});
