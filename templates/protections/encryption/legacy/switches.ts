/** Formats that are still opened where requests arrive. All of them are authenticated; none is ever written. */
export const legacyFormats = ['fernet'] as const;
export type LegacyFormat = (typeof legacyFormats)[number];

interface Switch {
  readonly format: LegacyFormat;
  /** Wall-clock time in ms. */
  readonly until: number;
}

/** Reads `fernet:2027-03-31`: the day is the last one, UTC. Undefined for anything else. */
const parse = (entry: string): Switch | undefined => {
  const [, name, day = ''] = /^(\w+):(\d{4}-\d{2}-\d{2})$/.exec(entry) ?? [];
  const format = legacyFormats.find((known) => known === name);
  const until = Date.parse(`${day}T23:59:59.999Z`);
  return format === undefined || Number.isNaN(until) ? undefined : { format, until };
};

/** What is wrong with LEGACY_FORMATS; `now` is wall-clock time in ms. */
export const legacyProblems = (entries: readonly string[], now: number): string[] => {
  const wrong = entries.filter((entry) => parse(entry) === undefined);
  const past = entries.filter((entry) => now > (parse(entry)?.until ?? Infinity));
  return [
    ...wrong.map(() => `LEGACY_FORMATS must name formats (${legacyFormats.join(', ')}) with their last day, such as fernet:2027-03-31`),
    ...past.map((entry) => `LEGACY_FORMATS: the time of ${entry} is over; npm run keys -- migrate-legacy moves what is left`), // protect: Q469
  ];
};

/** True while a format may be opened. */
export const isOpenedStill = (entries: readonly string[], format: LegacyFormat, now: number): boolean =>
  entries.map(parse).some((entry) => entry?.format === format && now <= entry.until); // protect: Q469 ( && now <= entry.until -> )
