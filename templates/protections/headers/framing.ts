import type { GuardFactory } from '#src/protections/app-core/routing.ts';

declare module '#src/protections/app-core/route.ts' {
  interface RouteSpec<I, O> {
    /**
     * Exact https origins whose pages may frame what this route answers. Without it nobody may.
     * A framed page must not act on a click alone: the frame can be invisible.
     */
    readonly framing?: readonly string[];
  }
}

const isExactOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && text.startsWith('https://') && !text.includes('*');

/**
 * Checks the opt-in of a route at boot.
 * @throws Error for an empty list, a wildcard, a path, a scheme other than https.
 */
export const checkFraming: GuardFactory = ({ fullPath, framing }) => {
  const wrong = framing?.length === 0 ? 'nobody' : framing?.find((origin) => !isExactOrigin(origin));
  // protect: Q415
  if (wrong !== undefined) throw new Error(`${fullPath} may be framed by ${wrong}: name exact origins such as https://partner.example.`);
  return undefined;
};
