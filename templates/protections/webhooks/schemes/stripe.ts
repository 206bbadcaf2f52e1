import { parseJson } from '../../validation/json.ts';
import { type Scheme, jsonTypes, textKey, textOf } from '../scheme.ts';

/** `Stripe-Signature: t=time,v1=signature,...`: `t.body` under HMAC-SHA-256 in hex; the secret is used as it is shown, `whsec_` included. */
export const stripe = (): Scheme => ({
  types: jsonTypes,
  algorithm: 'sha256',
  encoding: 'hex',
  keyOf: textKey,
  claimOf: (header, body) => {
    const fields = header('stripe-signature')?.split(',') ?? [];
    const valuesOf = (name: string): string[] => fields.flatMap((field) => (field.startsWith(`${name}=`) ? [field.slice(name.length + 1)] : []));
    const [sentAt, ...others] = valuesOf('t');
    if (sentAt === undefined || others.length > 0) return undefined;
    return { signatures: valuesOf('v1'), signed: [`${sentAt}.`, body], sentAt };
  },
  read: (_header, body) => {
    const content = parseJson(body);
    return { type: textOf(content, 'type') ?? '', id: textOf(content, 'id'), idIsSigned: true, content };
  },
});
