import type { BodyReader } from '#src/protections/app-core/route.ts';
import { type XmlOptions, parseXml } from './core.ts';

/** RFC 7303: `application/xml`, `text/xml`, and everything that ends with `+xml`. All go through the same door. */
const types = /^(?:application|text|image|model)\/(?:[\w.-]+\+)?xml\s*(?:;|$)/;

/** For the `reads` of a module whose routes take XML. The schema of the route looks at what `parseXml` makes of it. */
export const xmlBodies = (options: XmlOptions = {}): BodyReader => ({
  types,
  limit: ({ XML_LIMIT_BYTES }) => XML_LIMIT_BYTES,
  read: (body, contentType) => parseXml(body, contentType, options),
});
