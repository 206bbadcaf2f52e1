import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import type { Catalogue } from '../src/catalogue.ts';
import { type Target, targets } from '../src/manifest.ts';
import { plan } from '../src/plan.ts';
import { render } from '../src/render.ts';
import { compilerOptions } from '../src/render/tsconfig.ts';
import { proseFromSources } from './catalogue/prose.ts';
import { readCatalogue, repositoryRoot, templatesDirectory } from './catalogue/read.ts';

/**
 * Type-checks every template where it stands, once for each target, with all protections: what is generated is written
 * to `templates/.generated/<target>`, and a tsconfig there joins the folders as they will be joined in an app.
 */
const main = async (): Promise<void> => {
  const { catalogue, proseSources } = await readCatalogue();
  const renderProse = proseFromSources(proseSources);
  const check = async (target: Target): Promise<boolean> => {
    const state = plan({ name: 'templates', target, preset: 'all', pinNode: false }, catalogue);
    const tree = render(state, catalogue, renderProse);
    const verbatim = new Set(partsOf(catalogue).flatMap(({ files }) => files).map((file) => file.path));
    const directory = path.join(templatesDirectory, '.generated', target);
    rmSync(directory, { recursive: true, force: true });
    const put = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text);
    };
    for (const [file, text] of tree) if (/\.(?:ts|json)$/.test(file) && !verbatim.has(file)) put(file, text);
    put('tsconfig.json', JSON.stringify(configOf(target, catalogue), null, 2));
    const { failed } = await execa('tsc', ['--project', directory], { stdio: 'inherit', reject: false, preferLocal: true, localDir: repositoryRoot });
    return !failed;
  };
  const results = await Promise.all(targets.map(check));
  process.exitCode = results.every(Boolean) ? 0 : 1;
};

const partsOf = (catalogue: Catalogue) => [catalogue.base, ...Object.values(catalogue.services), ...Object.values(catalogue.protections)];

/** A tsconfig in which `#src/...` and `#tests/...` lead to the folders that their files come from. */
const configOf = (target: Target, catalogue: Catalogue) => {
  const units = [
    ...Object.keys(catalogue.protections).map((id) => ({ id, folder: `protections/${id}` })),
    ...Object.keys(catalogue.services).map((id) => ({ id, folder: `services/${id}` })),
  ];
  const here = (folder: string): string => `../../${folder}`;
  const roots = (side: 'src' | 'tests'): string[] => [
    `./${side}`,
    here(`base/shared/${side}`),
    here(`base/${target}/${side}`),
    ...units.filter(({ folder }) => existsSync(path.join(templatesDirectory, folder, 'project', side))).map(({ folder }) => here(`${folder}/project/${side}`)),
  ];
  const support = units.flatMap(({ id, folder }): [string, string[]][] => {
    const names = existsSync(path.join(templatesDirectory, folder)) ? readdirSync(path.join(templatesDirectory, folder)) : [];
    return [
      ...(names.includes('tests') ? [[`#tests/support/${id}/*`, [here(`${folder}/tests/*`)]] satisfies [string, string[]]] : []),
      ...(names.includes('testing.ts') ? [[`#tests/support/${id}.ts`, [here(`${folder}/testing.ts`)]] satisfies [string, string[]]] : []),
    ];
  });
  const other = targets.filter((candidate) => candidate !== target);
  return {
    compilerOptions: {
      ...compilerOptions,
      rootDirs: [...roots('src'), ...roots('tests'), '.', here('base/shared'), here(`base/${target}`), here('.')],
      paths: {
        ...Object.fromEntries(support),
        '#src/*': [...roots('src').map((root) => `${root}/*`), here('*')],
        '#tests/*': roots('tests').map((root) => `${root}/*`),
      },
    },
    include: ['.', here('base/shared'), here(`base/${target}`), here('protections'), here('services')],
    exclude: ['**/manifest.ts', here('protections/*/doctor.ts'), here('protections/*/foreign'), ...other.flatMap((name) => [here(`**/${name}.ts`), here(`**/*.${name}.ts`)])],
  };
};

await main();
