import type { Check, Doctor } from '../../../src/doctor/check.ts';

const cookieSessions = ['express-session', 'cookie-session', '@fastify/session', '@fastify/secure-session'];
const answers = ['csurf', 'csrf-csrf', 'csrf-sync', 'lusca', '@fastify/csrf-protection'];

const missing: Check = {
  id: 'csrf-missing',
  item: 'B2',
  title: 'Pages of other sites can make changes in the session of a user',
  severity: 'medium',
  advice: 'Refuse changes whose Sec-Fetch-Site or Origin is not your own, or demand a token; set sameSite on the cookie besides.',
  missing: ({ present, packages, mentions }) => {
    const session = cookieSessions.find((name) => present.has(name));
    if (session === undefined || answers.some((name) => packages.has(name))) return undefined;
    // Whatever looks at where a request comes from may be an answer, and SameSite is half of one.
    if (mentions(/csrf|xsrf|sec-fetch-site|same-?site|["'`.]origin\b(?!\s*:)|referer/i) || !mentions(/\.(?:post|put|patch|delete)\s*(?:<[^()]{0,200}>)?\(\s*["'`]\//)) return undefined;
    return { saw: `sessions are kept in a cookie (${session}), and nothing looks at where a change comes from: no SameSite, no token, no Origin, no Sec-Fetch-Site` };
  },
};

export const doctor: Doctor = { checks: [missing] };
