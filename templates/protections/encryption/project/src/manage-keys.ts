import { parseArgs } from 'node:util';
import { buildApp } from '#src/app.ts';
import { type Config, loadConfig } from '#src/config.ts';
import type { AppContext } from '#src/context.ts';
import { destroyKey } from '#src/protections/encryption/destroy.ts';
import { openBareCbc } from '#src/protections/encryption/legacy/bare-cbc.ts';
import { openFernet } from '#src/protections/encryption/legacy/fernet.ts';
import { importLegacyKey } from '#src/protections/encryption/legacy/import-key.ts';
import { migrateLegacy } from '#src/protections/encryption/legacy/migrate.ts';
import { countUses, reencrypt } from '#src/protections/encryption/reencrypt.ts';
import { rewrapRing } from '#src/protections/encryption/rewrap.ts';
import { rotatable, rotateKey } from '#src/protections/encryption/rotate.ts';
import { type AsOwner, asOwner } from '#src/services/db/owner.ts';
import { readKeyFile } from '#src/services/keys/key-file.ts';
import { createMasterKey, openMasterKey } from '#src/services/keys/open-master-key.ts';
import { readSigningKey } from '#src/services/keys/signing.ts';

const usage = `npm run keys -- <command>
  init                      makes MASTER_KEY_FILE where there is none
  list                      the key ring, and how many values each key sealed
  rotate sealing|signing    makes a new key; --algorithm NAME, or --import FILE for a private key (PEM)
  reencrypt                 seals anew what older keys sealed; can be stopped and begun again
  destroy KEY               for ever; --force although values are lost
  rewrap --to FILE          puts the ring under another master key, which is made where there is none
  import-legacy FILE        a Fernet key (base64), for LEGACY_FORMATS
  migrate-legacy --format fernet|aes-cbc --key FILE --purpose NAME --table NAME --row COLUMN --from COLUMN --to COLUMN
                            moves what another system encrypted into a sealed column; the key is base64`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    algorithm: { type: 'string' },
    import: { type: 'string' },
    force: { type: 'boolean', default: false },
    format: { type: 'string' },
    key: { type: 'string' },
    purpose: { type: 'string' },
    table: { type: 'string' },
    row: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
  },
});

/** What the command line must say. */
const required = (value: string | undefined): string => {
  if (value === undefined) throw new Error(usage);
  return value;
};

/** A file that holds a secret, readable for this user alone. */
const secretText = (path: string | undefined): string => {
  const file = readKeyFile(required(path), process.getuid?.());
  if (file === 'absent' || 'problem' in file) throw new Error(file === 'absent' ? `There is no file ${path}.` : file.problem);
  return file.content.toString('utf8');
};

const ownerOf =
  ({ config, services }: AppContext): AsOwner =>
  (work) =>
    asOwner(config, services.db, work);

type Command = (app: AppContext, argument: string | undefined) => Promise<string>;

const list: Command = async (app) => {
  const uses = await countUses(app);
  const days = (since: Date): number => Math.floor((app.clock.now() - since.getTime()) / 86_400_000);
  const lines = app.services.keys.list().map(({ kid, purpose, algorithm, state, createdAt }) =>
    [kid, purpose.padEnd(8), algorithm.padEnd(11), state.padEnd(12), `${days(createdAt)} days old`, `${uses.get(kid) ?? 0} values`].join('  '),
  );
  return lines.join('\n');
};

const rotate: Command = async (app, argument) => {
  const purpose = rotatable.find((known) => known === argument);
  if (purpose === undefined || (values.import !== undefined && purpose !== 'signing')) throw new Error(usage);
  const chosen = values.algorithm === undefined ? {} : { algorithm: values.algorithm };
  const kid = await rotateKey(app, purpose, values.import === undefined ? chosen : readSigningKey(secretText(values.import)));
  const next = purpose === 'sealing' ? '; then: npm run keys -- reencrypt' : '';
  return `The new key is ${kid}. Every process uses it within two minutes${next}.`;
};

const reencryptAll: Command = async (app) => {
  const { done, failed } = await reencrypt(app);
  if (failed.length > 0) process.exitCode = 1;
  return [`${done} values were sealed anew.`, ...failed.map((place) => `Does not open: ${place}`)].join('\n');
};

const destroy: Command = async (app, argument) => {
  const kid = required(argument);
  await destroyKey(app, ownerOf(app), kid, values.force);
  return `The key ${kid} is destroyed.`;
};

const rewrap: Command = async (app) => {
  const config: Config = { ...app.config, MASTER_KEY_FILE: required(values.to) };
  createMasterKey(config);
  const master = await openMasterKey(config);
  await rewrapRing(app, ownerOf(app), master);
  return `The ring is wrapped by ${config.MASTER_KEY_FILE}: let MASTER_KEY_FILE name it from the next start on.`;
};

const importLegacy: Command = async (app, argument) => `The key is ${await importLegacyKey(app, 'fernet', secretText(argument))}.`;

const openers = { fernet: openFernet, 'aes-cbc': openBareCbc } as const;

const migrate: Command = async (app) => {
  const { format, purpose, table, row, from, to } = values;
  if (format !== 'fernet' && format !== 'aes-cbc') throw new Error(usage);
  const key = Buffer.from(secretText(values.key).trim(), 'base64');
  const column = { purpose: required(purpose), table: required(table), row: required(row), from: required(from), to: required(to) };
  const { done, left } = await migrateLegacy(app, { ...column, open: (value) => openers[format](key, value) });
  if (left.length > 0) process.exitCode = 1;
  return [`${done} values were moved, ${left.length} are left.`, ...left.map((name) => `Does not open: ${name}`)].join('\n');
};

const commands: Readonly<Record<string, Command>> = {
  list,
  rotate,
  reencrypt: reencryptAll,
  destroy,
  rewrap,
  'import-legacy': importLegacy,
  'migrate-legacy': migrate,
};

const main = async (): Promise<string> => {
  const [name = '', argument] = positionals;
  const config = loadConfig(process.env);
  if (name === 'init') return createMasterKey(config) ? `${config.MASTER_KEY_FILE} was made. Keep a copy where the database is not.` : `${config.MASTER_KEY_FILE} is there already.`;
  const command = commands[name];
  if (command === undefined) throw new Error(usage);
  const app = await buildApp({ ...config, LOG_LEVEL: 'silent' });
  try {
    return await command(app.context, argument);
  } finally {
    await app.close();
  }
};

main().then(console.log, (error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
