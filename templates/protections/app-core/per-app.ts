import type { AppContext } from '#src/context.ts';

/**
 * Something that lives as long as one app, made when it is first asked for: a cache, a registry. Never a variable of a
 * module, which two apps in one process would share (G4). `const sessionsOf = perApp((app) => new Sessions(app));`
 */
export const perApp = <T>(create: (app: AppContext) => T): ((app: AppContext) => T) => {
  const values = new WeakMap<AppContext, { readonly value: T }>();
  return (app) => {
    const known = values.get(app);
    if (known !== undefined) return known.value;
    const value = create(app);
    values.set(app, { value });
    return value;
  };
};
