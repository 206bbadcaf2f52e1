import type { LoggerOptions } from 'pino';
import { recordsOf, serializers } from './records.ts';
import { redactLine } from './redact.ts';

/** JSON lines without process id and host name: the platform knows them. */
export const logOptions: LoggerOptions = {
  base: null,
  serializers,
  formatters: { log: recordsOf }, // protect: Q417
  // The last step before the line leaves: no child logger has a way around it.
  hooks: { streamWrite: redactLine }, // protect: Q470
};
