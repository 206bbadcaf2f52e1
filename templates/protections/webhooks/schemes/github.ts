import { parseJson } from '../../validation/json.ts';
import { type Scheme, jsonTypes, textKey } from '../scheme.ts';

/**
 * `X-Hub-Signature-256: sha256=signature`: the body under HMAC-SHA-256 in hex. Neither the time nor the id of the delivery nor the
 * kind of the event is signed, so what was signed is remembered too. Choose the content type `application/json` at GitHub.
 */
export const github = (): Scheme => ({
  types: jsonTypes,
  algorithm: 'sha256',
  encoding: 'hex',
  keyOf: textKey,
  claimOf: (header, body) => {
    const signature = header('x-hub-signature-256');
    return signature?.startsWith('sha256=') === true ? { signatures: [signature.slice(7)], signed: [body] } : undefined;
  },
  read: (header, body) => ({
    type: header('x-github-event') ?? '',
    id: header('x-github-delivery'),
    idIsSigned: false,
    content: parseJson(body),
  }),
});
