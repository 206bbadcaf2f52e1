interface Preference {
  readonly quality: number;
  /** 2 for the type itself, 1 for all of its family, 0 for anything. */
  readonly precision: number;
  /** Place in the header. */
  readonly place: number;
}

const none: Preference = { quality: 0, precision: -1, place: Infinity };

/** True when the peer would rather read HTML than JSON (RFC 9110 section 12.5.1). JSON for all who do not name text. */
export const prefersHtml = (accept: string | undefined): boolean => {
  const ranges = accept?.toLowerCase().split(',') ?? [];
  if (!ranges.some((range) => range.includes('text/'))) return false;
  const html = preferenceFor('text', 'html', ranges);
  const json = [preferenceFor('application', 'json', ranges), preferenceFor('application', 'problem+json', ranges)];
  return html.quality > 0 && json.every((other) => isBetter(html, other));
};

const isBetter = (one: Preference, other: Preference): boolean => {
  if (one.quality !== other.quality) return one.quality > other.quality;
  return one.precision === other.precision ? one.place < other.place : one.precision > other.precision;
};

/** The most precise range that covers the type decides. */
const preferenceFor = (type: string, subtype: string, ranges: readonly string[]): Preference =>
  ranges.reduce((best, range, place) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    const precision = ['*/*', `${type}/*`, `${type}/${subtype}`].indexOf(name);
    return precision > best.precision ? { quality: qualityOf(parameters), precision, place } : best;
  }, none);

const qualityOf = (parameters: readonly string[]): number => {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
};
