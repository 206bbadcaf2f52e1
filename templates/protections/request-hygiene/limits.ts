import type { ServerOptions } from 'node:http';
import type { Config } from '#src/config.ts';

/** How Node's server reads messages and how long it waits. Times in ms. */
export const nodeServerOptions = (config: Config): ServerOptions => ({
  insecureHTTPParser: false, // protect: Q443 (false -> true)
  // Two of a header that may stand once become `a, b`, which no parser of it accepts; by default the first one wins (CWE-444).
  joinDuplicateHeaders: true, // protect: Q443
  maxHeaderSize: config.MAX_HEADER_BYTES, // protect: Q443
  headersTimeout: Math.min(config.HEADERS_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS), // protect: Q443
  // Node looks for late messages only this often; its default of 30 s would be the real timeout.
  connectionsCheckingInterval: Math.min(1_000, Math.ceil(config.HEADERS_TIMEOUT_MS / 2)), // protect: Q443
});
