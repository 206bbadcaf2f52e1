import Type from 'typebox';
import type { AppContext } from '#src/context.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { noContent } from '#src/protections/app-core/reply.ts';
import { defineModule, route } from '#src/protections/app-core/route.ts';
import { ReportBudget, cspReportPath, readViolations } from './csp-report.ts';

const budgets = new WeakMap<AppContext, ReportBudget>();

const budgetOf = (app: AppContext, now: number): ReportBudget => {
  const known = budgets.get(app);
  if (known !== undefined) return known;
  const budget = new ReportBudget(now);
  budgets.set(app, budget);
  return budget;
};

/** Takes in what browsers report about the content security policy. */
export const module = defineModule({
  id: 'csp-reports',
  prefix: cspReportPath,
  consumes: ['application/csp-report', 'application/reports+json'],
  routes: [
    route(
      {
        method: 'POST',
        path: '/',
        access: 'public',
        credential: 'none',
        input: { body: Type.Unknown() },
        output: Type.Null(),
        summary: 'Reports of the content security policy',
      },
      ({ input, app }) => {
        const now = app.clock.monotonic();
        if (!budgetOf(app, now).take(now)) throw new Problem(429, { headers: { 'retry-after': '1' } });
        for (const violation of readViolations(input.body)) app.log.warn({ csp: violation }, 'a page tried what its policy forbids');
        return noContent();
      },
    ),
  ],
});
