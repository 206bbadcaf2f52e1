const schemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * A link that users gave, as it may stand in `href` once it is escaped for HTML.
 * @returns `#` unless it is an absolute http, https or mailto URL: `javascript:` runs in our origin (CWE-79).
 */
export const safeHref = (text: string): string => {
  const url = URL.parse(text);
  if (url === null || !schemes.has(url.protocol)) return '#'; // protect: G7
  // What was checked is what goes out: the parser ignores tabs and line breaks, and so would a browser.
  return url.href;
};
