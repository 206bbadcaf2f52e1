/** What the templates' own Handlebars, full or runtime, must offer. */
interface HelperHost {
  registerHelper(name: string, helper: (...values: unknown[]) => string): void;
}

/** Our own instance: strict about names, escapes nothing (the output is Markdown and YAML, not HTML). */
export const handlebarsOptions = { strict: true, noEscape: true, knownHelpers: { json: true }, preventIndent: true } as const;

/** `{{json value}}`: for every value that lands in YAML, JSON or code. */
export const registerHelpers = (host: HelperHost): void => {
  host.registerHelper('json', (value) => JSON.stringify(value));
};
