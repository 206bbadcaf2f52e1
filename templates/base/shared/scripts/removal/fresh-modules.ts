import { registerHooks, stripTypeScriptTypes } from 'node:module';

/**
 * From now on the modules below `root` (a `file:` URL that ends with a slash) are imported anew whenever the function that
 * is returned was called: each run of tests has the code that is on disk, and a module state of its own. Dependencies
 * are loaded once.
 */
export const importAnew = (root: string): (() => void) => {
  let run = 0;
  const stripped = new Map<string, string>();
  const strip = (source: string): string => {
    const known = stripped.get(source) ?? stripTypeScriptTypes(source);
    stripped.set(source, known);
    return known;
  };
  const isOurs = (url: string): boolean => url.startsWith(root) && !url.includes('/node_modules/');
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      if (!isOurs(found.url) || found.url.includes('?') || !context.conditions.includes('import')) return found;
      return { ...found, url: `${found.url}?removal=${run}` };
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!isOurs(url) || loaded.format !== 'module-typescript' || loaded.source === undefined) return loaded;
      return { ...loaded, format: 'module', source: strip(typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)) };
    },
  });
  return () => void (run += 1);
};
