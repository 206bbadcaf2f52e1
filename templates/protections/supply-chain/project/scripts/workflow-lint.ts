import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workflowProblems } from '#src/protections/supply-chain/workflows.ts';

// Checks the GitHub workflows and actions of this repository.
// npm run lint:workflows [-- FOLDER]
const folder = join(process.argv[2] ?? join(import.meta.dirname, '..'), '.github');
const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];

const problems = files
  .filter((file) => /^(?:workflows|actions)[\\/].*\.ya?ml$/.test(file))
  .flatMap((file) => workflowProblems(readFileSync(join(folder, file), 'utf8')).map((problem) => `.github/${file}: ${problem}`));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
