import { perApp } from '#src/protections/app-core/per-app.ts';
import type { HandlerArguments, InputSchemas } from '#src/protections/app-core/route.ts';

/** What asking costs time for: pass `context.signal` on, and end it after a few seconds. */
export type PersonCheck = (proof: string, given: Pick<HandlerArguments<InputSchemas>, 'app' | 'context'>) => Promise<boolean>;

/**
 * Whether a person is there, asked of a service for CAPTCHAs: `peopleOf(app).check = ...` in a binding of your own. The check sees to
 * it that the proof was made for this site and for this action, and was not used before. None by default.
 */
export const peopleOf = perApp((): { check: PersonCheck | undefined } => ({ check: undefined }));
