import type { Check, Doctor } from '../../../src/doctor/check.ts';

const missing: Check = {
  id: 'sign-in-without-limit',
  item: 'Q429',
  title: 'Passwords can be tried without end',
  severity: 'low',
  advice: 'Limit how often one address and one account may try to sign in.',
  missing: ({ mentions }) => {
    if (!mentions(/\.post\s*(?:<[^()]{0,200}>)?\(\s*["'`][\w/:.-]*\/(?:login|log-in|signin|sign-in)["'`]/) || mentions(/rate-?limit|throttl|slow-?down|limiter|\b429\b|too many|lockout|brute|attempts|captcha|turnstile/i)) return undefined;
    return { saw: 'there is a route for signing in, and nothing counts attempts' };
  },
};

export const doctor: Doctor = { checks: [missing] };
