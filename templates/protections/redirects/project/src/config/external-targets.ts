/**
 * Pages elsewhere that this app links to, by id. Link to `/leave/<id>`: the visitor sees where the link leads before
 * following it. Only https; what is not listed cannot be reached.
 */
export const externalTargets: Readonly<Record<string, string>> = {
  asvs: 'https://owasp.org/www-project-application-security-verification-standard/',
};
