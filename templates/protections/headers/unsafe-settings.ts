type Env = Readonly<Record<string, string | undefined>>;
type Setting = readonly [name: string, value: string];

/** What is set at all; an empty variable counts as absent. */
const settingsOf = (env: Env): readonly Setting[] =>
  Object.entries(env).flatMap(([name, value = '']) => (value.trim() === '' ? [] : [[name, value.trim()] as const]));

const namesASecret = /(?:SECRET|PASSWORD|PASSWD|PASSPHRASE|PEPPER|TOKEN|_KEYS?)$/i;
/** Keys that a machine made; a password may be shorter, a token may be an identifier. */
const namesAKey = /(?:SECRET|PEPPER|_KEYS?)$/i;
const samples =
  /change[-_ ]?(?:me|this)|replace[-_ ]?(?:me|this)|placeholder|your[-_ ]|insecure|example|dummy|passwor[dt]|letmein|correct[-_ ]?horse/i;
const sampleWords = /^(?:secret|test|dev|demo|default|admin|root|postgres|qwerty|todo|none|null)(?:[-_ ]?(?:secret|key|token|\d+))?$/i;
const samplePatterns = /^(?:<.*>|\[.*\]|\{.*\}|x+|\*+|(?:0123|1234)\d*)$/i;
const isSample = (value: string): boolean => [samples, sampleWords, samplePatterns].some((pattern) => pattern.test(value));
const isFile = /^(?:\/|\.{1,2}\/|file:)/;

/** At least 128 bits, written in base64url, and not the same few characters again and again. */
const isTooWeak = (value: string): boolean => value.length < 22 || new Set(value).size < 8;

/** Secrets that came from a README (CWE-1392) or that can be guessed (CWE-521). */
export const findWeakSecrets = (env: Env): readonly string[] =>
  settingsOf(env).flatMap(([name, value]) => {
    if (!namesASecret.test(name) || isFile.test(value)) return [];
    if (isSample(value)) return [`${name} holds a sample value: set a secret of your own`]; // protect: Q421
    // protect: Q421
    if (namesAKey.test(name) && isTooWeak(value))
      return [`${name} is too short or too uniform to be a secret: use at least 16 random bytes`];
    return [];
  });

interface Link {
  readonly name: string;
  readonly url: URL;
}

const linksOf = (env: Env): readonly Link[] =>
  settingsOf(env).flatMap(([name, value]) =>
    /^[a-z][a-z0-9+.-]*:\/\//i.test(value) && URL.canParse(value) ? [{ name, url: new URL(value) }] : [],
  );

const storeScheme = /^(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?):$/;
const defaultPasswords: ReadonlySet<string> = new Set([
  'postgres',
  'password',
  'root',
  'admin',
  'secret',
  'guest',
  'test',
  'changeme',
  'redis',
  'mysql',
  '1234',
  '123456',
]);

/** The logins that every scanner tries first (CWE-1392, ASVS V13.2.3). */
export const findDefaultLogins = (env: Env): readonly string[] =>
  linksOf(env).flatMap(({ name, url: { protocol, username, password } }) => {
    const isDefault = password !== '' && new Set([...defaultPasswords, username.toLowerCase()]).has(password.toLowerCase());
    return storeScheme.test(protocol) && isDefault ? [`${name} uses the login that such a server has by default`] : [];
  });

const isThisHost = ({ hostname, searchParams }: URL): boolean =>
  hostname === '' ||
  hostname === 'localhost' ||
  hostname === '[::1]' ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
  (searchParams.get('host') ?? '').startsWith('/');

const verifyingModes: ReadonlySet<string> = new Set(['require', 'verify-ca', 'verify-full']);

/** Hosts on a network that nobody else is on, such as that of one compose file: encryption is not asked of them. */
const privateHosts = (env: Env): ReadonlySet<string> => new Set((env['PRIVATE_HOSTS'] ?? '').split(',').map((host) => host.trim().toLowerCase()));

/** Credentials and data that cross the network in clear text (CWE-319). */
export const findPlaintextLinks = (env: Env): readonly string[] => {
  const near = privateHosts(env);
  return linksOf(env).flatMap(({ name, url }) => {
    if (isThisHost(url) || near.has(url.hostname)) return [];
    if (url.protocol === 'redis:') return [`${name} sends data to another host in clear text: use rediss://`]; // protect: Q421
    const isPostgres = url.protocol === 'postgres:' || url.protocol === 'postgresql:';
    const isEncrypted = verifyingModes.has(url.searchParams.get('sslmode') ?? '');
    if (isPostgres && !isEncrypted) return [`${name} sends data to another host in clear text: add sslmode=verify-full`]; // protect: Q421
    return [];
  });
};

const isOn = (value: string): boolean => !/^(?:false|off|no|0)$/i.test(value);
const everybody: ReadonlySet<string> = new Set(['*', 'true', 'all', 'any', '0.0.0.0/0', '::/0']);
const includesEverybody = (value: string): boolean => value.split(',').some((entry) => everybody.has(entry.trim().toLowerCase()));

/** Lists of whom to believe that name everybody. */
export const findOpenLists = (env: Env): readonly string[] =>
  settingsOf(env).flatMap(([name, value]) => {
    // protect: Q421
    if (name === 'TRUST_PROXY' && isOn(value))
      return ['TRUST_PROXY believes forwarded headers from anyone: name the addresses in TRUSTED_PROXIES'];
    // protect: Q421
    if (name === 'TRUSTED_PROXIES' && includesEverybody(value))
      return ['TRUSTED_PROXIES believes forwarded headers from anyone: name addresses'];
    // protect: Q421
    if (/^(?:CORS|ALLOWED)_.*(?:ORIGINS?|HOSTS?)$/.test(name) && includesEverybody(value))
      return [`${name} admits everybody: name each one`];
    return [];
  });

const debugSwitches: ReadonlySet<string> = new Set([
  'DEBUG',
  'NODE_DEBUG',
  'DOCS',
  'API_DOCS',
  'SWAGGER',
  'GRAPHIQL',
  'PLAYGROUND',
  'TRACE',
]);

/** Switches that show insides to strangers (CWE-489), and a debugger that runs whatever it is told. */
export const findDebugSwitches = (env: Env, execArgv: readonly string[]): readonly string[] => {
  const switches = settingsOf(env).flatMap(([name, value]) =>
    debugSwitches.has(name) && isOn(value) ? [`${name} must be off in production`] : [],
  );
  const flags = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const debuggers = flags.some((flag) => /^--(?:inspect|debug)(?:-|=|$)/.test(flag))
    ? ['Node must not run with --inspect in production']
    : [];
  const unverified =
    env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
      ? ['NODE_TLS_REJECT_UNAUTHORIZED must not switch off the verification of certificates']
      : [];
  return [
    ...switches, // protect: Q421
    ...debuggers, // protect: Q421
    ...unverified, // protect: Q421
  ];
};
