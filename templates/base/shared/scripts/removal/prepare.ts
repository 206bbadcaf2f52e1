import { prepareServices } from '#tests/support/services.ts';

// Run in a scratch copy: makes what the services of that copy need for their tests, and sends the variables to who asked.
const [, , folder = ''] = process.argv;
process.send?.(await prepareServices({ env: process.env, folder }));
