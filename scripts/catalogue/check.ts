import { Project, type SourceFile } from 'ts-morph';
import { type Catalogue, type TemplateFile, presetIds, protectionNeeds, serviceNeeds } from '../../src/catalogue.ts';
import type { Base, Service } from '../../src/manifest.ts';
import { closure, wiringOrder } from '../../src/order.ts';
import { camelCase } from '../../src/render/code.ts';

/** What the engine expects of files by their names. */
const exportsOf = (path: string): string | undefined => {
  const [, id, binding] = /^src\/protections\/([^/]+)\/(fastify|express)\.ts$/.exec(path) ?? [];
  if (id !== undefined && binding !== undefined) return camelCase(id);
  if (/^src\/protections\/[^/]+\/boot-check\.ts$/.test(path)) return 'bootCheck';
  if (/^src\/protections\/[^/]+\/module\.ts$/.test(path)) return 'module';
  if (/^src\/services\/[^/]+\/service\.ts$/.test(path)) return 'start';
  if (/^src\/.*\bmigrations\/\d{4}_[a-z0-9_]+\.ts$/.test(path)) return 'migration';
  if (/^src\/.*\/tables\.ts$/.test(path)) return 'Tables';
  const [, route] = /^src\/routes\/([^/]+)\/module\.ts$/.exec(path) ?? [];
  return route === undefined ? undefined : camelCase(route);
};

/**
 * Says everything that is wrong with the catalogue beyond types, one sentence each: what would break an app in which a
 * protection stands alone, or leave a claim without its proof.
 */
export const catalogueProblems = (catalogue: Catalogue): string[] => {
  const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowJs: true } });
  const parse = (folder: string, file: TemplateFile): SourceFile =>
    project.createSourceFile(`/${folder}/${file.target ?? 'both'}/${file.path}`, file.text ?? '', { overwrite: true });
  const { base, services, protections } = catalogue;
  const problems: string[] = [];

  wiringOrder(Object.values(protections).map(({ manifest }) => manifest));
  for (const preset of Object.values(catalogue.presets.presets)) presetIds(catalogue, preset);

  const inspect = (folder: string, files: readonly TemplateFile[], parts: readonly (Base | Service)[]): void => {
    const packages = new Set(parts.flatMap(packagesOf));
    for (const file of files.filter(({ path, text }) => text !== null && path.endsWith('.ts'))) {
      const source = parse(folder, file);
      const expected = exportsOf(file.path);
      if (expected !== undefined && !exportsName(source, expected)) problems.push(`${folder}: ${file.path} must export \`${expected}\`.`);
      for (const name of importedPackages(source)) if (!packages.has(name)) problems.push(`${folder}: ${file.path} imports \`${name}\`, which neither it nor what it requires declares.`);
    }
  };
  const serviceClosure = (ids: readonly string[]) => closure(ids, serviceNeeds(catalogue)).flatMap((id) => services[id]?.manifest ?? []);
  const foundation = Object.values(protections).flatMap(({ manifest }) => (manifest.foundation === true ? [manifest.id] : []));

  inspect('base', base.files, [base.manifest, ...withServices(foundation)]);
  for (const [id, { files }] of Object.entries(services)) inspect(`services/${id}`, files, [base.manifest, ...withServices(foundation), ...serviceClosure([id])]);
  const everywhere = [base, ...Object.values(services), ...Object.values(protections)].flatMap((part) => part.files);
  const guarded = new Set(everywhere.flatMap((file) => file.guards.map(({ item }) => item)));
  for (const [id, { manifest, files }] of Object.entries(protections)) {
    const folder = `protections/${id}`;
    inspect(folder, files, [base.manifest, ...withServices([...foundation, id])]);
    for (const [name, spec] of Object.entries(manifest.options ?? {})) {
      if (spec.type === 'integer' && (spec.default < spec.min || spec.default > spec.max)) problems.push(`${folder}: the default of ${name} is out of its range.`);
      if (spec.type === 'choice' && !spec.choices.includes(spec.default)) problems.push(`${folder}: the default of ${name} is none of its choices.`);
    }
    if (manifest.notCovered.length === 0) problems.push(`${folder}: notCovered is empty.`);
    if (!files.some(({ path }) => path === `src/protections/${id}/README.md`)) problems.push(`${folder}: it has no README.md.`);
    const attacked = new Set(files.flatMap((file) => file.attacks.map(({ item }) => item)));
    for (const item of Object.keys(manifest.items)) {
      if (!guarded.has(item)) problems.push(`${folder}: nothing is marked \`// protect: ${item}\`.`);
      if (!attacked.has(item)) problems.push(`${folder}: no attack tries ${item}.`);
    }
  }
  const known = new Set(Object.values(protections).flatMap(({ manifest }) => Object.keys(manifest.items)));
  for (const { path, guards, attacks } of everywhere) {
    const unknown = [...new Set([...guards, ...attacks].map(({ item }) => item))].filter((item) => !known.has(item));
    for (const item of unknown) problems.push(`${path}: no protection has the item ${item}.`);
  }
  return problems;

  function withServices(ids: readonly string[]): Service[] {
    const chosen = closure(ids, protectionNeeds(catalogue)).flatMap((id) => protections[id]?.manifest ?? []);
    return [...chosen, ...serviceClosure(chosen.flatMap((manifest) => manifest.services ?? []))];
  }
};

/** By syntax alone: to ask the checker would bind the whole program again for every file. */
const exportsName = (source: SourceFile, name: string): boolean => {
  const declaration = source.getVariableDeclaration(name) ?? source.getFunction(name) ?? source.getInterface(name) ?? source.getTypeAlias(name) ?? source.getClass(name);
  return declaration?.isExported() === true;
};

const packagesOf = (part: Base | Service): string[] => [
  ...(part.dependencies ?? []),
  ...(part.devDependencies ?? []),
  ...Object.values(part.targetDependencies ?? {}).flat(),
  ...Object.values(part.targetDevDependencies ?? {}).flat(),
];

/** The npm packages that a file imports. */
const importedPackages = (source: SourceFile): string[] => {
  const specifiers = [...source.getImportDeclarations(), ...source.getExportDeclarations()].flatMap((declaration) => declaration.getModuleSpecifierValue() ?? []);
  return specifiers.filter((specifier) => !/^(?:node:|#|\.)/.test(specifier)).map((specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'));
};
