import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'supply-chain',
  kind: 'core',
  group: 'Project',
  title: 'Dependencies',
  summary: 'Installs only what the lock names, runs no install scripts, and checks lock, versions and workflows in CI.',
  phase: 'routes',
  requires: ['app-core'],
  scripts: {
    'lint:lockfile': 'node scripts/lockfile-lint.ts',
    'lint:workflows': 'node scripts/workflow-lint.ts',
    // Without `--omit dev`: npm would also leave out what a package of the app shares with a tool.
    sbom: 'npm sbom --sbom-format cyclonedx',
  },
  items: {
    Q433: {
      title: 'Third-party packages',
      threat: 'A vulnerable, hijacked or confused package runs with the rights of the app.',
      asvs: ['V15.1.1', 'V15.1.2', 'V15.2.1', 'V15.2.4'],
      cwe: ['CWE-1395', 'CWE-829', 'CWE-494'],
    },
  },
  notCovered: [
    'Harm in a package that stands in the lock with the right hash: review what you add.',
    'Install scripts of approved packages, and npm older than 11.16 where ignore-scripts is not set: it knows no list of approvals.',
    'The Node binary that the npm package `node` fetches while it installs: it has no entry in the lock.',
    'Container images: their tags name a version, not a digest.',
  ],
});
