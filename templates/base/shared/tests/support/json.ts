/** Reads a JSON object. Throws when the text is something else. */
export const parseObject = (text: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`not a JSON object: ${text.slice(0, 80)}`);
  return { ...value };
};
