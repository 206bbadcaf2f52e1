import { type KeyObject, createHmac, createSecretKey } from 'node:crypto';
import type { AppContext } from '#src/context.ts';
import type { Scheme } from './scheme.ts';

interface Entry {
  readonly webhook: string;
  readonly secret: string;
  /** Undefined for the secret of now. */
  readonly lastDay: string | undefined;
}

/** A secret that messages may be signed with. */
export interface WebhookSecret {
  readonly key: KeyObject;
  /** Wall-clock time in ms until which it counts. */
  readonly until: number;
  /** Names it in the database, and says nothing of it. */
  readonly tag: string;
}

const format = /^([a-z][a-z\d-]{0,49})(?:@(\d{4}-\d{2}-\d{2}))?:(\S.*)$/;

const endOf = (day: string): number => Date.parse(`${day}T23:59:59.999Z`);

/** Reads `stripe:whsec_x` and `stripe@2027-03-31:whsec_x`: the day is the last one, UTC. Undefined for anything else. */
const parse = (text: string): Entry | undefined => {
  const [, webhook, lastDay, secret] = format.exec(text) ?? [];
  if (webhook === undefined || secret === undefined) return undefined;
  return lastDay !== undefined && Number.isNaN(endOf(lastDay)) ? undefined : { webhook, secret, lastDay };
};

/** What is wrong with WEBHOOK_SECRETS, one sentence each, and none of the secrets. */
export const secretProblems = (texts: readonly string[]): string[] => {
  const entries = texts.map(parse);
  const known = entries.flatMap((entry) => entry ?? []);
  return [
    ...entries.flatMap((entry, index) => (entry === undefined ? [`WEBHOOK_SECRETS: entry ${index + 1} is not webhook:secret, nor webhook@2027-03-31:secret`] : [])),
    // An old secret that nobody takes away counts for ever, for whoever has found it meanwhile.
    ...known.filter((entry, index) => isSecondOfNow(known, entry, index)).map(({ webhook }) => `WEBHOOK_SECRETS: ${webhook} has two secrets without a last day`), // protect: Q482
    // What one sender signs would be genuine on the route of the other.
    ...sharing(known).map((webhooks) => `WEBHOOK_SECRETS: ${webhooks.join(' and ')} have one secret`), // protect: Q482
  ];
};

const isSecondOfNow = (entries: readonly Entry[], { webhook, lastDay }: Entry, index: number): boolean =>
  lastDay === undefined && entries.slice(0, index).some((other) => other.webhook === webhook && other.lastDay === undefined);

/** The webhooks of each secret that more than one has. */
const sharing = (entries: readonly Entry[]): string[][] =>
  [...Map.groupBy(entries, ({ secret }) => secret).values()].map((same) => [...new Set(same.map(({ webhook }) => webhook))]).filter(({ length }) => length > 1);

/**
 * The secrets of one webhook.
 * @throws RangeError for a secret that its scheme cannot use.
 */
export const secretsOf = ({ config, services }: Pick<AppContext, 'config' | 'services'>, webhook: string, scheme: Scheme): readonly WebhookSecret[] => {
  const tagKey = services.keys.hmacKey('webhooks.secret-tag');
  return config.WEBHOOK_SECRETS.flatMap((text) => {
    const entry = parse(text);
    if (entry?.webhook !== webhook) return [];
    const { secret, lastDay } = entry;
    return {
      key: createSecretKey(scheme.keyOf(secret)),
      until: lastDay === undefined ? Infinity : endOf(lastDay),
      tag: createHmac('sha256', tagKey).update(secret).digest('base64url').slice(0, 22),
    };
  });
};
