const mostBytes = 255;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** The longest beginning that fits; no character is cut in two. */
const beginningOf = (text: string, bytes: number): string => {
  let fitting = '';
  for (const character of text) {
    if (bytesOf(fitting) + bytesOf(character) > bytes) break;
    fitting += character;
  }
  return fitting;
};

/**
 * The extension of a name, in lower case without its dot; empty when there is none. `.htaccess` is all name.
 */
export const extensionOf = (name: string): string => /[^.]\.([a-z\d]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';

/**
 * What people see of a file name that a client sent: its last part, without controls, direction marks and other characters
 * that cannot be seen, NFC, 255 bytes at most. It names no place: files lie under random keys.
 */
export const displayNameOf = (sent: string): string => {
  const last = sent.slice(Math.max(sent.lastIndexOf('/'), sent.lastIndexOf('\\')) + 1);
  const visible = last.toWellFormed().normalize('NFC').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/gu, '').trim(); // protect: G1 (.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/gu, '') -> )
  const ending = extensionOf(visible) === '' ? '' : visible.slice(visible.lastIndexOf('.'));
  const stem = visible.slice(0, visible.length - ending.length);
  return beginningOf(stem, mostBytes - bytesOf(ending)) + ending;
};
