/** What services have to prepare themselves with, before tests run. */
export interface Preparation {
  /** The environment of the tests so far. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For files; removed when the tests have ended. */
  readonly folder: string;
}
