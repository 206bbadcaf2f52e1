/** Calls to other systems past the one client that checks where they go (CWE-918, ASVS V13.2.4). */

const clients = new Set(['undici', 'axios', 'got', 'ky', 'needle', 'node-fetch', 'cross-fetch', 'superagent', 'request', 'phin', 'eventsource', 'ws']);
const nodeModules = new Set(['http', 'https', 'http2', 'node:http', 'node:https', 'node:http2']);
const nodeCalls = new Set(['request', 'get', 'connect', 'Agent', 'default']);
const globals = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

/**
 * The client itself, and what other protections and services bring: each calls an address of the configuration. Scripts of
 * pages, which run in a browser. Tests. The health check, which asks the process beside it.
 */
const home = /[/\\](?:tests|scripts|src[/\\](?:assets|protections|services))[/\\]|[/\\]src[/\\]healthcheck\.ts$/;

const message = 'Call other systems by safeFetch or partnerCall: they check where the call goes, and for how long.';

const isType = ({ importKind, exportKind }) => importKind === 'type' || exportKind === 'type';

/** `import { request } from 'node:http'`, `import https from 'node:https'`, but not `createServer` and not types. */
const takesCalls = ({ specifiers }) =>
  specifiers.some(
    (specifier) =>
      !isType(specifier) && (specifier.type !== 'ImportSpecifier' || nodeCalls.has(specifier.imported.name ?? specifier.imported.value)),
  );

const calledGlobal = ({ type, name, object, property, computed }) => {
  if (type === 'Identifier') return globals.has(name);
  if (type !== 'MemberExpression' || object.type !== 'Identifier' || !['globalThis', 'global'].includes(object.name)) return false;
  return globals.has(computed ? property.value : property.name);
};

const oneClient = {
  create: (context) => {
    if (home.test(context.filename)) return {};
    const report = (node) => context.report({ node, message });
    const checkCall = (node) => {
      if (calledGlobal(node.callee)) report(node); // protect: Q451
    };
    return {
      CallExpression: checkCall,
      NewExpression: checkCall,
      ImportDeclaration: (node) => {
        if (isType(node)) return;
        const from = node.source.value;
        if (clients.has(from) || (nodeModules.has(from) && takesCalls(node))) report(node); // protect: Q451
      },
      ImportExpression: (node) => {
        if (clients.has(node.source.value) || nodeModules.has(node.source.value)) report(node); // protect: Q451
      },
    };
  },
};

export default { meta: { name: 'outbound-http' }, rules: { 'one-client': oneClient } };
