/** What the protections write to: pino, the log of Fastify, or anything that has these. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const readable = (value: unknown): unknown => (value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value);

const line = (level: string, details: object, message: string): string =>
  JSON.stringify({ level, time: new Date().toISOString(), ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, readable(value)])), msg: message });

/** One JSON object a line, for apps that bring no log of their own. */
export const consoleLog: Logger = {
  debug: (details, message) => console.debug(line('debug', details, message)),
  info: (details, message) => console.info(line('info', details, message)),
  warn: (details, message) => console.warn(line('warn', details, message)),
  error: (details, message) => console.error(line('error', details, message)),
};
