import { type ScenarioName, faulty, scenarios } from './faults.ts';

/** Runs a scenario in `root` and dies, as by kill -9, at its n-th change of the disk: before it, or half-way through it. */
const [name, root = '', number, moment] = process.argv.slice(2);
const isScenario = (text: string | undefined): text is ScenarioName => text !== undefined && text in scenarios;
if (!isScenario(name)) throw new Error(`There is no scenario ${name}.`);

scenarios[name].run(
  root,
  faulty((change, _, half) => {
    if (change !== Number(number)) return;
    if (moment === 'half') half();
    process.kill(process.pid, 'SIGKILL');
  }),
);
