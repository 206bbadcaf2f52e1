/** The command line cannot be carried out as it is written: exit code 3. */
export class UsageError extends Error {
  readonly exitCode = 3;

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The command is clear but must not, or cannot, be carried out here: exit code 1, nothing was changed. */
export class Refusal extends Error {
  readonly exitCode = 1;
  /** What a failed tool wrote, for `--verbose` and for the end of the message. */
  readonly output: string | undefined;

  constructor(message: string, output?: string) {
    super(message);
    this.name = 'Refusal';
    this.output = output;
  }
}
