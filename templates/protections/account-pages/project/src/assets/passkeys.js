/// <reference lib="dom" />
// Passkeys, which a browser hands out to script only. Everything else on these pages works without this file.

/** The server said no. */
class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string }} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? 'That did not work.');
    this.status = status;
    this.code = problem.code;
  }
}

/**
 * Posts to this app. The token shows that this page asks.
 * @param {string} path
 * @param {string | undefined} csrf
 * @param {unknown} [body]
 * @returns {Promise<unknown>}
 */
const send = async (path, csrf, body) => {
  const headers = new Headers({ accept: 'application/json', 'x-csrf-token': csrf ?? '' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(path, { method: 'POST', headers, body: body === undefined ? null : JSON.stringify(body) });
  /** @type {unknown} */
  const answer = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
};

/**
 * Asks the device. What the server sends and takes is the JSON that WebAuthn defines.
 * @param {string | undefined} ceremony
 * @param {unknown} options
 * @returns {Promise<unknown>}
 */
const ask = (ceremony, options) =>
  ceremony === 'registration'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

/**
 * @param {HTMLElement} section
 * @param {string} name what the person calls the passkey; empty for none
 */
const run = async ({ dataset: { ceremony, csrf } }, name) => {
  const path = `/auth/passkeys/${ceremony}`;
  const credential = await ask(ceremony, await send(`${path}/options`, csrf));
  await send(path, csrf, name === '' ? { credential } : { credential, name });
};

/** @param {unknown} error */
const sentenceFor = (error) => {
  if (error instanceof Refusal) {
    if (error.status === 401) return 'This passkey is not known here.';
    return error.status === 429 ? 'That was tried too often. Wait a little.' : error.message;
  }
  if (error instanceof DOMException && error.name === 'InvalidStateError') return 'This device has a passkey for your account already.';
  // The browser does not say whether somebody gave up or there was no passkey to give.
  return error instanceof DOMException ? 'No passkey was used.' : 'That did not work. Try again.';
};

/**
 * Runs the ceremony of a section; says how it ended, or goes on to the next page.
 * @param {HTMLElement} section
 * @param {HTMLButtonElement} button
 */
const begin = async (section, button) => {
  const outcome = section.querySelector('.outcome');
  button.disabled = true;
  outcome.textContent = 'Your device asks you now.';
  try {
    await run(section, section.querySelector('input')?.value.trim() ?? '');
    location.assign(section.dataset.next ?? '/');
  } catch (error) {
    if (error instanceof Refusal && error.code === 'step_up_required') location.assign(section.dataset.stepUp ?? '/');
    else outcome.textContent = sentenceFor(error);
  } finally {
    button.disabled = false;
  }
};

/** @param {HTMLElement} section */
const offer = (section) => {
  const button = section.querySelector('button');
  section.hidden = false;
  button.addEventListener('click', () => void begin(section, button));
};

if (typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential) {
  for (const section of document.querySelectorAll('[data-ceremony]')) offer(section);
}
