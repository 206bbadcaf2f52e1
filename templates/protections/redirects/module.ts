import { externalTargets } from '#src/config/external-targets.ts';
import { leaveModule } from './leave.ts';

export const module = leaveModule(externalTargets);
