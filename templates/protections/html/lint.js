/** Markup past the one way that escapes, and templates that escaping does not save (CWE-79, ASVS V1.1.2). */

import { placesOf } from '#src/protections/html/places.ts';

const isTest = /[/\\](?:tests|scripts)[/\\]/;

const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

/** Each template is looked at as it will be when it is first rendered. */
const templatePlaces = {
  create: (context) => {
    // Tests show templates that are refused.
    if (isTest.test(context.filename)) return {};
    return {
      TaggedTemplateExpression: ({ tag, quasi }) => {
        if (tag.name !== 'html') return;
        try {
          placesOf(quasi.quasis.map(({ value }) => value.cooked));
        } catch (error) {
          context.report({ node: quasi, message: reasonOf(error) }); // protect: Q409
        }
      },
      CallExpression: (node) => {
        if (node.callee.name === 'html') context.report({ node, message: 'A template stands in the source: write html`...`.' }); // protect: B1
      },
    };
  },
};

const markup = /<(?:[a-z]|\/[a-z]|!)/i;
const holdsMarkup = (node) =>
  (node.type === 'Literal' && typeof node.value === 'string' && markup.test(node.value)) ||
  (node.type === 'BinaryExpression' && (holdsMarkup(node.left) || holdsMarkup(node.right)));

/** The files that a rule leaves alone stand in `.oxlintrc.json`, each reviewed by somebody. */
const meta = { schema: [{ type: 'object', properties: { allow: { type: 'array', items: { type: 'string' } } }, additionalProperties: false }] };

const isAllowed = ({ filename, options }) => {
  const [{ allow = [] } = {}] = options;
  const file = filename.replaceAll('\\', '/');
  return isTest.test(filename) || allow.some((place) => file.includes(`/${place}`));
};

const oneRenderer = {
  meta,
  create: (context) => {
    if (isAllowed(context)) return {};
    const report = (node) => context.report({ node, message: 'Write markup as html`...` and answer by pageReply(): text beside it is not escaped.' });
    return {
      BinaryExpression: (node) => {
        if (node.operator === '+' && node.parent.type !== 'BinaryExpression' && holdsMarkup(node)) report(node); // protect: B1
      },
      TemplateLiteral: (node) => {
        if (node.parent.type === 'TaggedTemplateExpression' || node.expressions.length === 0) return;
        if (node.quasis.some(({ value }) => markup.test(value.cooked))) report(node); // protect: B1
      },
      Literal: (node) => {
        if (typeof node.value === 'string' && /^(?:text\/html|application\/xhtml\+xml)\b/.test(node.value)) report(node); // protect: B1
      },
      ImportSpecifier: (node) => {
        if (node.imported.name === 'page' && /app-core\/reply\.ts$/.test(node.parent.source.value)) report(node); // protect: B1
      },
    };
  },
};

const noUnescaped = {
  meta,
  create: (context) => {
    if (isAllowed(context)) return {};
    const message = 'unescaped() takes any text for markup. If this file must, have it reviewed and name it in `html/no-unescaped`.';
    return {
      // By its name wherever it comes from: `import * as`, a re-export and a rename name it too.
      Identifier: (node) => {
        if (node.name === 'unescaped') context.report({ node, message }); // protect: G8
      },
    };
  },
};

const sinks = new Set(['innerHTML', 'outerHTML', 'srcdoc']);
const sinkCalls = new Set(['insertAdjacentHTML', 'setHTMLUnsafe', 'parseHTMLUnsafe', 'createContextualFragment', 'parseFromString']);
const memberName = ({ type, computed, property }) => (type === 'MemberExpression' ? (computed ? property.value : property.name) : undefined);
const writesDocument = ({ object, ...member }) => object?.name === 'document' && ['write', 'writeln'].includes(memberName(member));

const noMarkupByScript = {
  create: (context) => {
    if (isTest.test(context.filename)) return {};
    const report = (node) => context.report({ node, message: 'Use textContent, or make elements: text given here runs.' });
    return {
      AssignmentExpression: (node) => {
        if (sinks.has(memberName(node.left))) report(node); // protect: Q409
      },
      CallExpression: (node) => {
        if (sinkCalls.has(memberName(node.callee)) || writesDocument(node.callee)) report(node); // protect: Q409
      },
    };
  },
};

export default {
  meta: { name: 'html' },
  rules: { 'template-places': templatePlaces, 'one-renderer': oneRenderer, 'no-unescaped': noUnescaped, 'no-markup-by-script': noMarkupByScript },
};
