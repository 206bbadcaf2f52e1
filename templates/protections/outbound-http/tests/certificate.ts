import { X509Certificate, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A private key and a certificate of its own making, both PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** DER: tag, length, content (X.690). */
const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  const bytes = Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x80 + bytes.length, ...bytes]), body]);
};

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const yes = der(0x01, Buffer.from([0xff]));
const generalizedTime = (text: string): Buffer => der(0x18, Buffer.from(text));

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const commonName = (name: string): Buffer => sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))));

const alternativeName = (name: string): Buffer =>
  isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));

const extensions = (names: readonly string[]): Buffer =>
  der(
    0xa3,
    sequence(
      sequence(objectId('551d13'), yes, der(0x04, sequence(yes))), // basicConstraints: CA
      sequence(objectId('551d11'), der(0x04, sequence(...names.map(alternativeName)))), // subjectAltName
    ),
  );

/**
 * Makes a certificate for host names and IPv4 addresses that vouches for itself (RFC 5280): a test trusts it by naming
 * it as an authority, and nobody else does. Good for as long as X.509 can say.
 */
export const selfSigned = (names: readonly string[]): Identity => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = commonName(names[0] ?? 'nobody');
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1])), // serial number
    ecdsaWithSha256,
    name,
    sequence(generalizedTime('20000101000000Z'), generalizedTime('99991231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(names),
  );
  const signature = sign('sha256', content, createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const certificate = new X509Certificate(sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate.toString() };
};
