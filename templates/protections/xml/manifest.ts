import { defineProtection } from '../../../src/manifest.ts';

export default defineProtection({
  id: 'xml',
  kind: 'option',
  group: 'HTTP',
  title: 'XML input',
  summary: 'Reads XML as data where a route asks for it: no document type, no entities, bounded, behind a closed schema.',
  phase: 'parsing',
  requires: ['app-core', 'validation'],
  dependencies: ['saxes'],
  env: {
    XML_LIMIT_BYTES: { type: 'integer', default: 262_144, min: 1_024, max: 16_777_216, describe: 'The largest XML body, in bytes' },
  },
  items: {
    Q423: {
      title: 'XML external entities',
      threat: 'A document reads files, calls hosts or explodes in memory.',
      asvs: ['V1.5.1', 'V1.5.3'],
      cwe: ['CWE-611', 'CWE-776'],
    },
  },
  notCovered: [
    'Signed documents (XML Signature, SAML): they take a library of their own, and a check that the signed element is the one that is used.',
    'Names with prefixes are taken as they are written: which namespace a prefix stands for is not looked at.',
    'Documents that mix text and elements, such as XHTML, are refused.',
    'XML inside of other files, such as SVG and office documents in an upload.',
  ],
});
