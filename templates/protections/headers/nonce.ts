import { randomBytes } from 'node:crypto';
import { ContextKey, type RequestContext } from '#src/protections/app-core/context.ts';

const nonces = new ContextKey<string>();

/**
 * The nonce of this answer, for `<script nonce="...">` and `<style nonce="...">`: 128 random bits, made when first
 * asked for. A page that never asks gets a policy that runs no inline script at all (CSP Level 3, section 7.1).
 */
export const cspNonce = (context: RequestContext): string => {
  const known = nonces.get(context);
  if (known !== undefined) return known;
  const nonce = randomBytes(16).toString('base64');
  nonces.set(context, nonce);
  return nonce;
};

/** The nonce that the handler asked for; undefined when it did not. */
export const nonceIfAsked = (context: RequestContext): string | undefined => nonces.get(context);
