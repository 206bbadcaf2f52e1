/** What scripts of listed origins may use. The routes of this repo are its own: which of them exist is not known here. */
const grantedMethods: readonly string[] = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'];

/** The methods that a preflight grants, sorted. */
export const methodsAt = (_inventory: readonly unknown[], _url: string): readonly string[] => grantedMethods;
