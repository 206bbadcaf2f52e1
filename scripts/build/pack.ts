import type { Catalogue, TemplateFile } from '../../src/catalogue.ts';
import type { CatalogueIndex, PackedFile } from '../../src/packed.ts';
import { asciiJson } from './assets.ts';

/** The catalogue as src/packed.ts reads it: the index, and each part by its name. */
export const packed = ({ base, services, protections, foreign, ...rest }: Catalogue): { index: CatalogueIndex; parts: ReadonlyMap<string, string> } => ({
  index: { ...rest, base: base.manifest, services: manifestsOf(services), protections: manifestsOf(protections), foreign: { ids: Object.keys(foreign.protections), packages: foreign.packages } },
  parts: new Map([
    ['base', packedFiles(base.files)],
    ['foreign', packedFiles(foreign.skeleton)],
    ...Object.entries(foreign.protections).map(([id, files]) => [`foreign-${id}`, packedFiles(files)] as const),
    ...Object.entries(services).map(([id, { files }]) => [`service-${id}`, packedFiles(files)] as const),
    ...Object.entries(protections).map(([id, { files }]) => [`protection-${id}`, packedFiles(files)] as const),
  ]),
});

const manifestsOf = <M>(parts: Readonly<Record<string, { readonly manifest: M }>>): Record<string, M> =>
  Object.fromEntries(Object.entries(parts).map(([id, { manifest }]) => [id, manifest]));

const packedFiles = (files: readonly TemplateFile[]): string =>
  `${asciiJson(files.map(packedFile))}\n${files.map(({ text }) => (isAscii(text) ? text : '')).join('')}`;

const isAscii = (text: string | null): text is string => text !== null && !/[\u0080-\uffff]/.test(text);

const packedFile = ({ path, text, target, prose, digest, guards, attacks, routes, limits, businessLimits }: TemplateFile): PackedFile => ({
  path,
  ...(text === null ? {} : isAscii(text) ? { length: text.length } : { text }),
  ...(target === null ? {} : { target }),
  ...(prose === null ? {} : { prose }),
  ...(digest === null ? {} : { digest }),
  ...(guards.length === 0 ? {} : { guards }),
  ...(attacks.length === 0 ? {} : { attacks }),
  ...(routes.length === 0 ? {} : { routes }),
  ...(limits.length === 0 ? {} : { limits }),
  ...(businessLimits.length === 0 ? {} : { businessLimits }),
});
