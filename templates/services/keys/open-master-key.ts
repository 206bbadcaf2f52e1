import { resolve } from 'node:path';
import { type BootFacts, type Config, ConfigError } from '#src/config.ts';
import { createKeyFile, readKeyFile, weaknessOf } from './key-file.ts';
import { type MasterKey, localMasterKey } from './master-key.ts';
import { type Derivation, deriveFromPassphrase, derivationProblems, newDerivation, parseDerivation } from './passphrase.ts';

// Where the master key comes from. To use a KMS, change this file: a `MasterKey` whose calls go there, and what must hold
// before a start.

type KeySettings = Pick<Config, 'MASTER_KEY_FILE' | 'MASTER_KEY_PASSPHRASE' | 'NODE_ENV'>;

type Source = { readonly key: Buffer } | { readonly passphrase: string; readonly derivation: Derivation } | { readonly problems: readonly string[] } | 'absent';

const sourceOf = ({ MASTER_KEY_FILE, MASTER_KEY_PASSPHRASE: passphrase }: KeySettings, uid: number | undefined): Source => {
  const path = resolve(MASTER_KEY_FILE);
  const file = readKeyFile(path, uid);
  if (file === 'absent') return 'absent';
  if ('problem' in file) return { problems: [file.problem] };
  if (passphrase === undefined) {
    const weakness = weaknessOf(file.content);
    return weakness === undefined ? { key: file.content } : { problems: [`${path} ${weakness}`] };
  }
  const derivation = parseDerivation(file.content);
  if (derivation === undefined) return { problems: [`${path} must hold the parameters of MASTER_KEY_PASSPHRASE: npm run keys -- init makes them`] };
  const problems = derivationProblems(passphrase, derivation);
  return problems.length > 0 ? { problems } : { passphrase, derivation };
};

/** What keeps the app from its master key; names files and variables, never what they hold. */
export const masterKeyProblems = ({ config, uid }: Pick<BootFacts, 'uid'> & { readonly config: KeySettings }): readonly string[] => {
  const source = sourceOf(config, uid);
  if (source !== 'absent') return 'problems' in source ? source.problems : [];
  const isMadeAtStart = config.NODE_ENV !== 'production'; // protect: Q461 (config.NODE_ENV !== 'production' -> true)
  return isMadeAtStart ? [] : ['MASTER_KEY_FILE names no file: npm run keys -- init makes one; keep a copy where the database is not'];
};

/** Makes the key file. @returns false when there is one. */
export const createMasterKey = ({ MASTER_KEY_FILE, MASTER_KEY_PASSPHRASE }: KeySettings): boolean =>
  createKeyFile(resolve(MASTER_KEY_FILE), MASTER_KEY_PASSPHRASE === undefined ? undefined : Buffer.from(newDerivation()));

/**
 * Opens the master key; outside of production it is made where there is none.
 * @throws ConfigError
 */
export const openMasterKey = async (config: KeySettings): Promise<MasterKey> => {
  const uid = process.getuid?.();
  const problems = masterKeyProblems({ config, uid });
  if (problems.length > 0) throw new ConfigError(problems);
  if (sourceOf(config, uid) === 'absent') createMasterKey(config);
  const source = sourceOf(config, uid);
  if (source === 'absent' || 'problems' in source) throw new ConfigError(source === 'absent' ? ['MASTER_KEY_FILE could not be made'] : source.problems);
  return localMasterKey('key' in source ? source.key : await deriveFromPassphrase(source.passphrase, source.derivation));
};
