/** `[major, minor, patch]`; undefined for text that is no version. What follows the patch is ignored. */
export const parseVersion = (text: string): readonly [number, number, number] | undefined => {
  const [, major, minor, patch] = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
};

/**
 * True when `version` is at least what `engines` asks for (`>=24.7.0`). Numbers are compared, not text: as text
 * 9.11.0 is newer than 24.7.0. A range of another form, and a version that cannot be read, count as not met.
 */
export const meetsMinimum = (version: string, engines: string): boolean => {
  const actual = parseVersion(version);
  const minimum = parseVersion(/^>=\s*(\S+)$/.exec(engines)?.[1] ?? '');
  if (actual === undefined || minimum === undefined) return false;
  const place = actual.findIndex((part, index) => part !== minimum[index]);
  return place < 0 || (actual[place] ?? 0) > (minimum[place] ?? 0);
};
