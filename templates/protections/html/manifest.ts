import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'html',
  kind: 'option',
  group: 'Pages',
  title: 'Pages rendered here',
  summary: 'Pages show what people typed as text, links run nothing, formatted text keeps its formatting alone, and script writes no markup.',
  phase: 'routes',
  requires: ['access-control', 'headers', 'host-check'],
  dependencies: ['markdown-it', 'sanitize-html', 'typebox'],
  devDependencies: ['@types/sanitize-html'],
  lint: {
    'html/template-places': 'error',
    // The two pages that every app has, which are markup of its own around escaped text.
    'html/one-renderer': ['error', { allow: ['src/protections/app-core/', 'src/protections/errors/', 'src/protections/html/', 'src/protections/redirects/'] }],
    'html/no-unescaped': ['error', { allow: ['src/protections/html/'] }],
    'html/no-markup-by-script': 'error',
  },
  items: {
    Q409: {
      title: 'Output encoding (XSS)',
      threat: 'User text becomes markup, script or a script URL.',
      asvs: ['V1.1.2', 'V1.2.1', 'V1.2.3', 'V3.2.2', 'V3.4.3'],
      cwe: ['CWE-79', 'CWE-116'],
    },
    Q458: {
      title: 'User HTML',
      threat: 'Allowed rich text smuggles script, tracking or phishing forms.',
      asvs: ['V1.2.2', 'V1.3.1', 'V1.3.5', 'V3.2.3'],
      cwe: ['CWE-79', 'CWE-184'],
    },
    B1: {
      title: 'Template engine setup',
      threat: 'A mis-set engine renders raw text, or user text is compiled as a template.',
      asvs: ['V1.1.2', 'V1.2.1', 'V1.3.7'],
      cwe: ['CWE-79', 'CWE-1336'],
    },
    G8: {
      title: 'Opting out of escaping',
      threat: 'A raw-output switch meant for trusted HTML is fed user text.',
      asvs: ['V1.2.1', 'V1.3.1', 'V1.3.5'],
      cwe: ['CWE-79'],
    },
  },
  notCovered: [
    'Markup that leaves as something else, for example in a mail or in a document of another program.',
    'Links that lead to a hostile site: they run nothing here, but people can follow them.',
    'Markup that your own code hands to unescaped(): the linter only sees to it that somebody has agreed to the file.',
    'Script of yours that turns text into code, or that other sites bring: a page loads none from elsewhere unless you let it.',
    'SVG and MathML of users: they are dropped, with what stands in them.',
  ],
});
