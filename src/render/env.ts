import type { ComposeService, EnvSpec } from '../manifest.ts';
import type { ProseEnv } from '../prose.ts';
import { oneOf } from '../suggest.ts';
import { list, literal, paragraphs, quoted } from './code.ts';

/** An environment variable, with who brings it. */
export interface OwnedEnv {
  readonly name: string;
  readonly spec: EnvSpec;
  readonly owner: string;
}

/** `src/config/env.ts`: every variable, read once. */
export const envModule = (env: readonly OwnedEnv[]): string =>
  paragraphs(
    "import type { EnvReader } from '#src/config/reader.ts';",
    `/** Every environment variable of the app. The owner of a setting stands in .env.example. */\nexport const readEnv = (read: EnvReader) => ({\n${env.map(entry).join('')}});`,
  );

const entry = ({ name, spec }: OwnedEnv): string => `  /** ${spec.describe.replaceAll('*/', '* /')} */\n  ${name}: ${reader(name, spec)},\n`;

const reader = (name: string, spec: EnvSpec): string => {
  const call = (method: string, ...values: readonly string[]): string => `read.${method}(${[quoted(name), ...values].join(', ')})`;
  const texts = (values: readonly string[]): string => list('[', values.map(quoted), ']', '');
  switch (spec.type) {
    case 'string':
    case 'url':
    case 'origin':
      return call(spec.type, quoted(spec.default));
    case 'integer':
      return call('integer', literal(spec.default), `{ min: ${literal(spec.min)}, max: ${literal(spec.max)} }`);
    case 'boolean':
      return call('boolean', literal(spec.default));
    case 'list':
      return call('list', texts(spec.default));
    case 'choice':
      return call('choice', texts(spec.choices), quoted(spec.default));
    case 'optional-url':
      return call('optionalUrl', texts(spec.protocols));
    case 'optional-string':
      return call('optionalString');
    case 'secret':
      return call('secret', literal(spec.bytes));
  }
};

/** A variable as prose tells it. */
export const proseEnv = ({ name, spec, owner }: OwnedEnv): ProseEnv => ({
  name,
  describe: spec.describe,
  type: spec.type,
  owner,
  value: 'default' in spec ? (typeof spec.default === 'object' ? spec.default.join(',') : String(spec.default)) : '',
  isSecret: spec.type === 'secret',
  isOptional: spec.type === 'optional-url' || spec.type === 'optional-string',
  allowed: allowed(spec),
});

const allowed = (spec: EnvSpec): string => {
  switch (spec.type) {
    case 'integer':
      return `a whole number from ${spec.min} to ${spec.max}`;
    case 'boolean':
      return 'on or off';
    case 'list':
      return 'entries apart by commas';
    case 'choice':
      return oneOf(spec.choices);
    case 'url':
      return 'an absolute URL';
    case 'origin':
      return 'scheme, host and port';
    case 'optional-url':
      return `a URL that starts with ${oneOf(spec.protocols.map((protocol) => `${protocol}//`))}`;
    case 'secret':
      return `at least ${spec.bytes} random bytes as base64url`;
    case 'string':
    case 'optional-string':
      return 'text';
  }
};

/** `.env.example`: every variable with its default; what has none is commented out. */
export const envExample = (env: readonly ProseEnv[]): string => {
  const owners = [...new Set(env.map(({ owner }) => owner))];
  const block = (owner: string): string =>
    `# ${owner === 'base' ? 'The app' : owner}\n\n${env.filter((variable) => variable.owner === owner).map(example).join('\n')}`;
  return [
    '# Every setting of the app, with its default. Copy what you change to .env, which git ignores.\n',
    ...owners.map(block),
  ].join('\n');
};

const example = ({ name, describe, value, isSecret, isOptional, allowed: rule }: ProseEnv): string =>
  `# ${describe} (${rule}).\n${isSecret || isOptional ? `# ${name}=` : `${name}=${envValue(value)}`}\n`;

/** A value of a .env file: quoted where it holds more than plain characters. */
const envValue = (value: string): string => (/^[\w./:@,+-]*$/.test(value) ? value : `'${value.replaceAll("'", '')}'`);

/** A variable that holds a secret, and how many random bytes it needs. */
export interface Secret {
  readonly name: string;
  readonly bytes: number;
}

/** The secrets of the app, and of the containers beside it. */
export const secretsOf = (env: readonly OwnedEnv[], containers: readonly ComposeService[]): Secret[] => [
  ...env.flatMap(({ name, spec }) => (spec.type === 'secret' ? [{ name, bytes: spec.bytes }] : [])),
  ...containers.flatMap(({ secrets = {} }) => Object.entries(secrets).map(([name, bytes]) => ({ name, bytes }))),
];
