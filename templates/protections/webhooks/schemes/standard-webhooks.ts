import { parseJson } from '../../validation/json.ts';
import { type Scheme, atLeast, jsonTypes, textOf } from '../scheme.ts';

const form = /^(?:whsec_)?([A-Za-z\d+/]+={0,2})$/;

/**
 * Standard Webhooks (https://www.standardwebhooks.com), symmetric: `id.timestamp.body` under HMAC-SHA-256, a secret in base64
 * behind `whsec_`. Of several signatures, for which it has one each while a secret is replaced, those of other versions are passed over.
 * @param prefix of the three headers; older senders say `svix`.
 */
export const standardWebhooks = (prefix: 'webhook' | 'svix' = 'webhook'): Scheme => ({
  types: jsonTypes,
  algorithm: 'sha256',
  encoding: 'base64',
  keyOf: (secret) => atLeast(Buffer.from(form.exec(secret)?.[1] ?? '', 'base64')),
  claimOf: (header, body) => {
    const [id, sentAt, signature] = [header(`${prefix}-id`), header(`${prefix}-timestamp`), header(`${prefix}-signature`)];
    // A dot would move the border between what was signed as the id and as the time.
    if (id === undefined || id.includes('.') || sentAt === undefined || signature === undefined) return undefined;
    const signatures = signature.split(' ').flatMap((entry) => (entry.startsWith('v1,') ? [entry.slice(3)] : []));
    return { signatures, signed: [`${id}.${sentAt}.`, body], sentAt };
  },
  read: (header, body) => {
    const content = parseJson(body);
    return { type: textOf(content, 'type') ?? '', id: header(`${prefix}-id`), idIsSigned: true, content };
  },
});
