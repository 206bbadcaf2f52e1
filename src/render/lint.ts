import type { Base, LintRule, Service } from '../manifest.ts';
import { byText } from '../tree.ts';

/**
 * The emitted `.oxlintrc.json`: the rules of all parts, and the plugins that parts bring.
 * @throws Error when two parts set one rule differently.
 */
export const lintConfig = (parts: readonly (Base | Service)[], paths: ReadonlySet<string>): string => {
  const rules = new Map<string, LintRule>();
  for (const [name, rule] of parts.flatMap((part) => Object.entries(part.lint ?? {}))) {
    const other = rules.get(name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(rule)) throw new Error(`Two parts set the lint rule ${name} differently.`);
    rules.set(name, rule);
  }
  const config = {
    plugins: ['typescript', 'import', 'promise', 'node', 'unicorn', 'oxc'],
    categories: { correctness: 'error', suspicious: 'error' },
    jsPlugins: [...paths].filter((path) => /^lint\/[^/]+\.js$/.test(path)).toSorted(byText).map((path) => `./${path}`),
    rules: Object.fromEntries(rules),
    ignorePatterns: ['.secure-app', 'node_modules', 'data', 'lint', 'tests/support/*/fixtures/**'],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
};
