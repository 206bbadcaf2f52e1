import { IncomingMessage, ServerResponse } from 'node:http';
import { findContext } from '#src/protections/app-core/context.ts';

type LogRecord = Readonly<Record<string, unknown>>;

/** How many causes of an error are followed: a chain can be as long as an attacker's JSON is deep. */
const causes = 4;

/**
 * What of an error is logged: name, message, code, stack, cause. Nothing else: clients hang the request they sent, with
 * its Authorization header, on the errors they throw.
 */
export const errorRecord = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return error;
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined || depth >= causes ? {} : { cause: errorRecord(error.cause, depth + 1) }),
  };
};

/** What of a request is logged: an allow-list. No URL, no headers, no body: they hold tokens and personal data. */
export const requestRecord = (request: unknown): unknown => {
  const raw = isWrapped(request) ? request.raw : request;
  if (!(raw instanceof IncomingMessage)) return undefined;
  // A request that was refused before it got a context is logged without one: the log must not throw.
  const context = findContext(raw);
  return { id: context?.id, method: raw.method, route: context?.route?.fullPath };
};

/** Fastify's request and reply keep Node's as `raw`. */
const isWrapped = (value: unknown): value is { readonly raw: unknown } =>
  typeof value === 'object' && value !== null && 'raw' in value && (value.raw instanceof IncomingMessage || value.raw instanceof ServerResponse);

const responseRecord = (response: unknown): unknown => {
  const raw = isWrapped(response) ? response.raw : response;
  return raw instanceof ServerResponse ? { status: raw.statusCode } : undefined;
};

const record = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const raw = isWrapped(value) ? value.raw : value;
  if (raw instanceof Error) return errorRecord(raw);
  if (raw instanceof IncomingMessage) return requestRecord(raw);
  if (raw instanceof ServerResponse) return responseRecord(raw);
  return value;
};

/** Replaces errors, requests and responses in what is logged by their records, whatever they are called. */
export const recordsOf = (entry: Record<string, unknown>): LogRecord => {
  const records: Record<string, unknown> = {};
  for (const name of Object.keys(entry)) records[name] = record(entry[name]);
  return records;
};

/** The same for the bindings of child loggers, which are serialised by name. */
export const serializers = {
  err: errorRecord,
  error: errorRecord,
  req: requestRecord, // protect: Q417
  request: requestRecord,
  res: responseRecord,
  response: responseRecord,
};
