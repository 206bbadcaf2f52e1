import { ContextKey, type RequestContext } from '#src/protections/app-core/context.ts';

const directives = new ContextKey<readonly string[]>();

/**
 * Adds to the content security policy of this answer, where it is a page: `addDirective(context, "trusted-types 'none'")`. It can only
 * tighten: of two directives of one name browsers heed the first, which is that of every page (CSP Level 3, section 2.2.1).
 */
export const addDirective = (context: RequestContext, directive: string): void => {
  const added = directivesAdded(context);
  if (!added.includes(directive)) directives.set(context, [...added, directive]);
};

/** What the handler added to the policy of its page. */
export const directivesAdded = (context: RequestContext): readonly string[] => directives.get(context) ?? [];
