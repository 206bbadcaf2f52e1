/** What stands behind the name of a generator on the command line of plop; npm takes the first `--` away. */
export const argumentsOf = (generator: string, argv: readonly string[]): string[] => {
  const index = argv.indexOf(generator, 2);
  const given = index < 0 ? [] : argv.slice(index + 1);
  return given[0] === '--' ? given.slice(1) : [...given];
};
