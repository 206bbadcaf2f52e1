/**
 * The one form in which addresses are stored and compared: `A@X.test` and `a@x.test` are one account. The whole address is
 * folded: that two people share an address but for its case does not happen, that one person types it in two ways does.
 */
export const canonicalEmail = (address: string): string => address.normalize('NFC').trim().toLowerCase();
