import { renderSVG } from 'uqr';

/** A QR code as SVG, drawn here: a service that draws it would learn the secret (CWE-201). Without script and without style. */
export const qrSvg = (text: string): string => renderSVG(text, { ecc: 'M', border: 4, pixelSize: 4 });
