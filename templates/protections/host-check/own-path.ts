declare const checked: unique symbol;

/**
 * A path of this app, with query and fragment: as a link or a `Location` it cannot lead to another host.
 * Only a function that has checked it makes one, so that a plain string does not compile where a path is due.
 */
export type OwnPath = string & { readonly [checked]: true };

/** One slash, then visible ASCII without a backslash: browsers read `//` and `/\` as the start of a host. */
const grammar = /^\/(?![/\\])[!-[\]-~]*$/;

/** True when `text` stays on this host in every URL parser. */
export const isOwnPath = (text: string): text is OwnPath => grammar.test(text);

/**
 * For paths you write yourself: `ownPath('/login')`. For paths from a request there is `safeRedirect`.
 * @throws TypeError when the text could leave this host.
 */
export const ownPath = (text: string): OwnPath => {
  if (!isOwnPath(text)) throw new TypeError('This is not a path of this app.');
  return text;
};
