import { type Target, targets } from '../../src/manifest.ts';

/** Where a template file goes, and on which target. */
export interface Place {
  readonly path: string;
  readonly target: Target | null;
}

export type Owner = { readonly kind: 'base'; readonly side: Target | 'shared' } | { readonly kind: 'protections' | 'services'; readonly id: string };

/**
 * The place of the file `relative` of `owner` in the emitted project, or nothing when it is not emitted.
 * The conventions stand in src/manifest.ts.
 */
export const placeOf = (owner: Owner, relative: string): Place | undefined => {
  if (owner.kind === 'base') return { path: finalName(relative), target: owner.side === 'shared' ? null : owner.side };
  if (relative === 'manifest.ts' || relative === 'notes.ts' || (owner.kind === 'protections' && relative === 'doctor.ts') || relative === 'doctor.ts' || relative.startsWith('foreign/')) return undefined;
  const target = targetOf(relative);
  const { kind, id } = owner;
  const inside = (prefix: string): string | undefined => (relative.startsWith(prefix) ? relative.slice(prefix.length) : undefined);

  if (relative === 'lint.js') return { path: `lint/${id}.js`, target };
  const project = inside('project/');
  if (project !== undefined) return { path: finalName(project), target };
  const support = inside('tests/');
  if (support !== undefined) return { path: `tests/support/${id}/${support}`, target };
  if (kind === 'services' && relative === 'testing.ts') return { path: `tests/support/${id}.ts`, target };
  if (relative.endsWith('.attack.test.ts')) return { path: `tests/attacks/${relative.split('/').at(-1)}`, target };
  return { path: finalName(`src/${kind}/${id}/${relative}`), target };
};

/** `fastify.ts` and `reply.fastify.ts` belong to one target. */
const targetOf = (relative: string): Target | null => targets.find((target) => new RegExp(`(?:^|[./])${target}\\.ts$`).test(relative)) ?? null;

/** npm drops `.gitignore` and `.npmrc` from a package: dotfiles of tools may be stored with `_`. Handlebars files lose their suffix. */
const finalName = (relative: string): string => relative.replace(/(^|\/)_(gitignore|npmrc|dockerignore)(?=\.hbs$|$)/, '$1.$2').replace(/\.hbs$/, '');
