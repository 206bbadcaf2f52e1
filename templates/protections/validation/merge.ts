/**
 * `current` with the declared keys of `patch`. Keys are taken from the declaration and never from the patch, so that
 * neither a prototype nor a field that the action did not mean can be reached (CWE-915, CWE-1321).
 * @example const settings = mergeDeclared(['theme', 'language'], stored, input.body);
 */
export const mergeDeclared = <T extends object, K extends keyof T>(
  declared: readonly K[],
  current: T,
  patch: { readonly [P in K]?: T[P] | undefined },
): T => {
  const merged = { ...current };
  for (const key of declared) {
    const value = Object.hasOwn(patch, key) ? patch[key] : undefined;
    if (value !== undefined) merged[key] = value;
  }
  return merged;
};
