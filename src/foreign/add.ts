import type { Changed, ChangeRequest } from '../change.ts';
import type { ChangeSetting } from '../change-command.ts';
import { Refusal } from '../errors.ts';
import type { CommandLine } from '../flags.ts';
import { lockPath } from '../lock.ts';

/** Brings protections into a repo that never heard of us. */
export const addToForeign = (request: ChangeRequest, _ids: readonly string[], _line: CommandLine, _setting: ChangeSetting): Promise<Changed> =>
  Promise.reject(new Refusal(`${request.root} has no ${lockPath}: it was not created by create-secure-app. Nothing was changed.`));
