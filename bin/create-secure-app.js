#!/usr/bin/env node
'use strict';

// Answered before anything else is loaded: these two are asked for most often.
const [only, ...more] = process.argv.slice(2);
if (more.length === 0 && (only === '--help' || only === '-h')) {
  const { readFileSync, writeSync } = require('node:fs');
  writeSync(1, readFileSync(require.resolve('../dist/help.txt')));
} else if (more.length === 0 && (only === '--version' || only === '-v')) {
  require('node:fs').writeSync(1, `${require('../package.json').version}\n`);
} else {
  // Node 22 and later keep compiled code between runs.
  require('node:module').enableCompileCache?.();
  const { assetsIn, main } = require('../dist/cli.js');
  void (async () => {
    process.exitCode = await main(process.argv.slice(2), assetsIn(`${__dirname}/../dist`, require));
  })();
}
