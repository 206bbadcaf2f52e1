import type { Protection } from '../manifest.ts';
import type { Section } from '../patch/security-md.ts';
import type { Placement } from './placement.ts';

/** What SECURITY.md says of the protections that were brought. */
export const securitySections = (protections: readonly Protection[], { home, tests, app, suffix }: Placement, paths: ReadonlySet<string>): { readonly title: Section; readonly sections: readonly Section[] } => {
  const [file = ''] = app.split('#');
  const title = { heading: '## Protections', body: `Their code stands in \`${home}\`, wired in \`${file}\`; \`${home}/protections/index.ts\` holds their order and options. Their tests attack them.` };
  const sections = protections
    .filter(({ foundation }) => foundation !== true)
    .map(({ id, title: name, summary, items, notCovered, foreign }): Section => {
      const proof = `${tests}/${id}.attack${suffix}.ts`;
      return {
        heading: `### ${name} (\`${id}\`)`,
        body: [
          summary,
          '',
          ...Object.entries(items).map(([item, { title: what, threat, asvs, cwe }]) => `- **${item} ${what}**: ${threat} ASVS 5.0 ${asvs.join(', ')}; ${cwe.join(', ')}.`),
          '',
          `Code: \`${home}/protections/${id}\`.${paths.has(proof) ? ` Proof: \`${proof}\`.` : ''}`,
          '',
          'What it does not stop:',
          '',
          ...[...notCovered, ...(foreign?.notCovered ?? [])].map((line) => `- ${line}`),
        ].join('\n'),
      };
    });
  return { title, sections };
};
