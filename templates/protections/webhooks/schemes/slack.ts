import { parseForm } from '../../validation/form.ts';
import { parseJson } from '../../validation/json.ts';
import { type HeaderReader, type Message, type Scheme, memberOf, textKey, textOf } from '../scheme.ts';

/**
 * `X-Slack-Signature: v0=signature`: `v0:time:body` under HMAC-SHA-256 in hex. The kind of an event of the Events API is that of its
 * inner event; of a slash command it is `slash_command`, of anything interactive what its payload says.
 */
export const slack = (): Scheme => ({
  types: /^application\/(?:json|x-www-form-urlencoded)\s*(?:;|$)/,
  algorithm: 'sha256',
  encoding: 'hex',
  keyOf: textKey,
  claimOf: (header, body) => {
    const [sentAt, signature] = [header('x-slack-request-timestamp'), header('x-slack-signature')];
    if (sentAt === undefined || signature?.startsWith('v0=') !== true) return undefined;
    return { signatures: [signature.slice(3)], signed: [`v0:${sentAt}:`, body], sentAt };
  },
  read: (header, body) => (isForm(header) ? readForm(body) : readEvent(parseJson(body))),
  answerTo: ({ type, content }) => (type === 'url_verification' ? textOf(content, 'challenge') : undefined),
});

const isForm = (header: HeaderReader): boolean => header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;

const readEvent = (content: unknown): Message => {
  const outer = textOf(content, 'type') ?? '';
  const type = outer === 'event_callback' ? (textOf(memberOf(content, 'event'), 'type') ?? '') : outer;
  return { type, id: textOf(content, 'event_id'), idIsSigned: true, content };
};

const readForm = (body: Buffer): Message => {
  const fields = parseForm(body);
  const payload = fields['payload'];
  if (payload === undefined) return { type: 'slash_command', id: undefined, idIsSigned: true, content: fields };
  const content = parseJson(Buffer.from(payload));
  return { type: textOf(content, 'type') ?? '', id: undefined, idIsSigned: true, content };
};
