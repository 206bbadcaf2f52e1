import { writeFileSync } from 'node:fs';
import { prepareServices } from '#tests/support/services.ts';

// Run in a scratch copy: makes what the services of that copy need for their tests, and hands the variables on in a file.
const [, , file = ''] = process.argv;
writeFileSync(file, JSON.stringify(await prepareServices()));
