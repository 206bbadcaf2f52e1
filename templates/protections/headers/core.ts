import { cspReportGroup, cspReportPath } from './csp-report.ts';

/** Names in lower case; frozen, since every answer of the app shares it. */
export type HeaderTable = Readonly<Record<string, string>>;

export interface HeaderOptions {
  /** RFC 6797 `max-age`, in seconds. */
  readonly hstsSeconds: number;
  readonly hstsSubdomains: boolean;
}

/** Features of a browser that no page of this app uses. Take one out when you need it. */
const unusedFeatures = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
];

/**
 * What the pages of this app may load (CSP Level 3). Scripts and styles come from this origin or carry the nonce;
 * `'unsafe-inline'` would let injected markup run (CWE-79).
 */
const pageSources = (nonce: string | undefined): string => {
  const own = nonce === undefined ? "'self'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src ${own}`, // protect: B5 (${own} -> ${own} 'unsafe-inline')
    `style-src ${own}`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'", // protect: B5
    "form-action 'self'", // protect: B5
    `report-uri ${cspReportPath}`,
    `report-to ${cspReportGroup}`,
  ].join('; ');
};

/** The headers of every answer of one app. */
export interface HeaderPolicy {
  /** For what is no page: JSON, redirects, errors, everything that Node answers by itself. */
  readonly api: HeaderTable;
  /**
   * For HTML and other documents.
   * @param framers exact origins that may frame it; none at all when undefined.
   * @param added what the policy of this page says besides; see `addDirective`.
   */
  readonly document: (type: string, nonce: string | undefined, framers: readonly string[] | undefined, added?: readonly string[]) => HeaderTable;
}

/** OWASP Secure Headers Project; ASVS V3.4. Every answer that sets one of these itself keeps its own value. */
export const createPolicy = ({ hstsSeconds, hstsSubdomains }: HeaderOptions): HeaderPolicy => {
  const everywhere: HeaderTable = {
    'strict-transport-security': `max-age=${hstsSeconds}${hstsSubdomains ? '; includeSubDomains' : ''}`, // protect: B5
    'x-content-type-options': 'nosniff', // protect: B5
    'referrer-policy': 'no-referrer', // protect: B5
    'cross-origin-resource-policy': 'same-origin', // protect: B5
    'cache-control': 'no-store', // protect: B5
    'x-xss-protection': '0', // protect: B5
  };
  const pagesOnly: HeaderTable = {
    'cross-origin-opener-policy': 'same-origin', // protect: B5
    'permissions-policy': unusedFeatures.map((feature) => `${feature}=()`).join(', '), // protect: B5
    'reporting-endpoints': `${cspReportGroup}="${cspReportPath}"`,
  };
  // Framing is decided by both headers together: browsers that know frame-ancestors ignore the other one.
  const unframed: HeaderTable = { 'x-frame-options': 'DENY' }; // protect: Q415 ('x-frame-options': 'DENY' -> )
  const framing = (framers: readonly string[] | undefined): { readonly ancestors: string; readonly echo: HeaderTable } =>
    framers === undefined ? { ancestors: "'none'", echo: unframed } : { ancestors: framers.join(' '), echo: {} };
  const api = "default-src 'none'";

  return {
    api: Object.freeze({ ...everywhere, ...unframed, 'content-security-policy': `${api}; frame-ancestors 'none'` }),
    document: (type, nonce, framers, added = []) => {
      const { ancestors, echo } = framing(framers);
      const isPage = /^(?:text\/html|application\/xhtml\+xml)\b/i.test(type);
      return {
        ...everywhere,
        ...(isPage ? pagesOnly : {}),
        ...echo,
        // What a page adds comes last: of two directives of one name browsers heed the first.
        'content-security-policy': [isPage ? pageSources(nonce) : api, `frame-ancestors ${ancestors}`, ...(isPage ? added : [])].join('; '),
      };
    },
  };
};
