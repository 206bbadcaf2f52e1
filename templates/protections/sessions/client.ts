import type { IncomingMessage } from 'node:http';

const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg/, 'Edge'],
  [/\bFirefox\//, 'Firefox'],
  [/\bChrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const nameIn = (text: string, known: readonly (readonly [RegExp, string])[]): string | undefined => known.find(([pattern]) => pattern.test(text))?.[1];

/** What a user recognises a session by: `Firefox on Linux`. Of what the client says of itself nothing else is kept. */
export const describeClient = ({ headers }: Pick<IncomingMessage, 'headers'>): string => {
  const text = (headers['user-agent'] ?? '').slice(0, 300);
  const browser = nameIn(text, browsers) ?? 'Another client';
  const system = nameIn(text, systems);
  return system === undefined ? browser : `${browser} on ${system}`;
};
