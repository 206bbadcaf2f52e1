import Type from 'typebox';
import { closed } from '#src/protections/validation/core.ts';
import { dateTime, text, uuid } from '#src/protections/validation/formats.ts';

/** 32 random bytes or a SHA-256, base64url. */
const digest = () => Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', maxLength: 43 });

/** What an app asks for (RFC 6749 section 4.1.1, RFC 7636 section 4.3). There is no `plain`. */
export const AuthorisationRequest = closed({
  clientId: text(32, 1),
  redirectUri: text(500, 1),
  codeChallenge: digest(),
  codeChallengeMethod: Type.Literal('S256'),
  state: Type.Optional(text(500)),
  /** What the user will recognise the device by. */
  deviceName: text(100, 1),
});

/** Where the browser goes with the code. */
export const AuthorisationAnswer = closed({ redirectTo: Type.String() });

export const CodeExchange = closed({
  grantType: Type.Literal('authorization_code'),
  clientId: text(32, 1),
  redirectUri: text(500, 1),
  code: digest(),
  /** RFC 7636 section 4.1. */
  codeVerifier: Type.String({ pattern: '^[A-Za-z0-9._~-]{43,128}$', maxLength: 128 }),
});

export const Refresh = closed({
  grantType: Type.Literal('refresh_token'),
  refreshToken: Type.String({ pattern: '^[A-Za-z0-9_-]{43}[.][A-Za-z0-9_-]{43}$', maxLength: 87 }),
});

export const TokenRequest = Type.Union([CodeExchange, Refresh]);

export const Tokens = closed({
  tokenType: Type.Literal('Bearer'),
  accessToken: Type.String(),
  /** Seconds. */
  expiresIn: Type.Integer(),
  refreshToken: Type.String(),
});

/** One device in the list of its user. */
export const ListedDevice = closed({ id: uuid(), client: Type.String(), name: Type.String(), createdAt: dateTime(), lastUsedAt: dateTime() });
export const DeviceList = closed({ items: Type.Array(ListedDevice) });
