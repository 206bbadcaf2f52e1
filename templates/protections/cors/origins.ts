import type { Config } from '#src/config.ts';

/** Scheme, host and port as a browser writes them into `Origin`: lower case, no default port, no trailing dot, no slash. */
const grammar = /^https?:\/\/(?:[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])(?::\d+)?$/;

/** `*`, `null`, a pattern or a wildcard would admit origins that nobody wrote down (CWE-942, ASVS V3.4.2). */
const isExactOrigin = (text: string): boolean => grammar.test(text) && URL.parse(text)?.origin === text;

/**
 * The origins that may call the app.
 * @returns them, and what is wrong with the list: one sentence an entry, naming its position and never its value.
 */
export const compileOrigins = ({
  NODE_ENV,
  CORS_ORIGINS,
}: Pick<Config, 'NODE_ENV' | 'CORS_ORIGINS'>): { readonly origins: ReadonlySet<string>; readonly problems: readonly string[] } => {
  const problems = CORS_ORIGINS.flatMap((origin, index) => {
    const entry = `CORS_ORIGINS: entry ${index + 1}`;
    if (!isExactOrigin(origin)) return [`${entry} is not one exact origin such as https://spa.example`]; // protect: Q449
    // A page that came over http was written by everybody on its way.
    if (NODE_ENV === 'production' && !origin.startsWith('https://')) return [`${entry} must start with https:// in production`]; // protect: Q449
    return [];
  });
  return { origins: new Set(CORS_ORIGINS), problems };
};
