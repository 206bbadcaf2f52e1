import Type from 'typebox';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text } from '#src/protections/validation/formats.ts';

/** Six digits; room for blanks between them. */
export const Code = closed({ code: text(16, 6) });
/** 24 letters and digits; room for what stands between them. */
export const RecoveryCode = closed({ code: text(64, 24) });

export const Enrolment = closed({ secret: Type.String(), uri: Type.String(), qr: Type.String(), expiresAt: dateTime() });
export const RecoveryCodes = closed({ recoveryCodes: Type.Array(Type.String()) });
export const State = closed({ enabled: Type.Boolean(), since: Type.Optional(dateTime()), recoveryCodesLeft: Type.Integer() });
