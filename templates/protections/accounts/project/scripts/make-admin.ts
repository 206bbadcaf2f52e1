import { parseArgs } from 'node:util';
import { buildApp } from '#src/app.ts';
import { loadConfig } from '#src/config.ts';
import { AdminExistsError, makeAdmin } from '#src/protections/accounts/make-admin.ts';
import { isEmail } from '#src/protections/validation/formats.ts';

// Makes the first administrator. Nothing is served; the mail goes out when the app runs.
const usage = 'npm run make-admin -- somebody@example.com [--another]';

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { another: { type: 'boolean', default: false } } });
  const [address = ''] = positionals;
  if (!isEmail(address) || positionals.length > 1) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const app = await buildApp({ ...loadConfig(process.env), LOG_LEVEL: 'silent' });
  try {
    const outcome = await makeAdmin(app.context, address, { another: values.another });
    console.log(outcome === 'granted' ? 'The account is an administrator now.' : 'An invitation is on its way. It is mailed as soon as the app runs.');
  } catch (error) {
    if (!(error instanceof AdminExistsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await app.close();
  }
};

await main();
