import { parseArgs } from 'node:util';
import { buildApp } from '#src/app.ts';
import { loadConfig } from '#src/config.ts';
import { countSchemes, wrapOldHashes } from '#src/protections/auth-password/leftovers.ts';

// Says how the passwords of this app are stored. With --wrap, old hashes are put under Argon2id.
const usage = 'npm run passwords [-- --wrap]';

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { wrap: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  if (values.help) {
    console.log(usage);
    return;
  }
  const app = await buildApp({ ...loadConfig(process.env), LOG_LEVEL: 'silent' });
  try {
    if (values.wrap) console.log(`${await wrapOldHashes(app.context)} old hashes are under Argon2id now.`);
    const counts = await countSchemes(app.context);
    if (counts.size === 0) console.log('There are no passwords yet.');
    for (const [scheme, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) console.log(`${scheme}: ${count}`);
  } finally {
    await app.close();
  }
};

await main();
