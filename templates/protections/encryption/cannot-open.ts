/** A sealed value is not what was sealed here. What is wrong with it is not said: each answer would help to forge one (CWE-209). */
export class CannotOpen extends Error {
  constructor() {
    super('A sealed value cannot be opened.');
    this.name = 'CannotOpen';
  }
}
