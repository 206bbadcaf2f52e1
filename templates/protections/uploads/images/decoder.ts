import type { AppContext } from '#src/context.ts';
import { perApp } from '#src/protections/app-core/per-app.ts';
import { Problem } from '#src/protections/app-core/problem.ts';
import { type CompanionChannel, openCompanion } from '#src/protections/file-permissions/companion-channel.ts';

/** How long one image may take, ms. */
const timeoutMs = 10_000;

/** Images that wait for their turn; one more is sent away. */
const mostWaiting = 20;

export type ImageFormat = 'jpeg' | 'png' | 'webp';

export interface Image {
  /** Called when its turn comes: what waits is not held in memory. */
  readonly load: () => Promise<Uint8Array>;
  readonly format: ImageFormat;
  readonly maxPixels: number;
}

const refused = (cause?: string): Problem => new Problem(422, { detail: 'The image cannot be read.', extensions: { code: 'image' }, cause });
const busy = (): Problem => new Problem(503, { detail: 'Too many images at once.', headers: { 'retry-after': '5' } });

/** Has images made anew in a process beside the app, one at a time. */
export class Decoder {
  readonly #channel: CompanionChannel;
  readonly #log: AppContext['log'];
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  #last: Promise<unknown> = Promise.resolve();
  #inLine = 0;
  #count = 0;

  constructor({ log, whenClosing }: Pick<AppContext, 'log' | 'whenClosing'>, root: string) {
    const listener = { heard: (message: unknown) => this.#heard(message), lost: () => this.#lost() };
    this.#log = log;
    this.#channel = openCompanion(root, 'image-decoder', listener, log);
    whenClosing.push(async () => this.end());
  }

  /**
   * The image, made anew from its pixels.
   * @throws Problem 422 for what is no image, too large, broken or too slow to read; 503 when too many are waiting.
   */
  async remake(image: Image): Promise<Uint8Array> {
    if (this.#inLine >= mostWaiting) throw busy(); // protect: Q478
    this.#inLine += 1;
    const turn = this.#last.then(() => this.#ask(image));
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#inLine -= 1;
    }
  }

  /** Ends the decoder: what it was reading fails, and the next image starts another one. */
  end(): void {
    this.#channel.end();
  }

  async #ask({ load, format, maxPixels }: Image): Promise<Uint8Array> {
    const id = (this.#count += 1);
    const bytes = await load();
    const answer = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(id, answer);
    // A decoder that hangs is ended, and its image with it.
    const timer = setTimeout(() => this.end(), timeoutMs);
    try {
      this.#channel.send({ id, bytes, format, maxPixels });
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #heard(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message) || typeof message.id !== 'number') return;
    const answer = this.#waiting.get(message.id);
    if ('bytes' in message && message.bytes instanceof Uint8Array) answer?.resolve(message.bytes);
    else answer?.reject(refused('refused' in message ? String(message.refused) : undefined));
  }

  #lost(): void {
    if (this.#waiting.size > 0) this.#log.error('the image decoder ended while it read an image');
    for (const answer of this.#waiting.values()) answer.reject(refused('the decoder ended'));
  }
}

/** The decoder of an app. */
export const decoderOf = perApp((app) => new Decoder(app, new URL('../../../..', import.meta.url).pathname));
