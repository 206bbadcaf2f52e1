import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';

/**
 * The domain events of the app: name -> payload. Payloads hold ids, never personal data. Add yours where the event
 * is born: `declare module '#src/protections/app-core/events.ts' { interface EventMap { 'order.paid': { orderId: string } } }`.
 */
export interface EventMap {
  /** The app listens; for what may begin only then. */
  'app.started': { readonly port: number };
}

type Name = keyof EventMap;
type Listener<N extends Name> = (payload: EventMap[N]) => void | Promise<void>;

/** Events held back until the work that caused them is committed. */
export interface EventBatch {
  emit<N extends Name>(name: N, payload: EventMap[N]): void;
  /** Delivers what was emitted. Call it after the commit; a batch that is dropped delivers nothing. */
  deliver(): void;
}

/**
 * In-process domain events. For effects that may be lost: a listener that fails is logged and changes nothing.
 * A security effect (audit, revocation) is a call inside the transaction, never a listener (G5).
 */
export class DomainEvents {
  readonly #emitter = new EventEmitter({ captureRejections: true });
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
    this.#emitter.on('error', (error: unknown) => this.#failed(error)); // protect: G5
  }

  on<N extends Name>(name: N, listener: Listener<N>): void {
    // Asynchronous whatever the listener is: what it throws becomes a rejection, which the emitter captures.
    const settle: (payload: EventMap[N]) => unknown = async (payload) => listener(payload);
    this.#emitter.on(name, settle);
  }

  /** Delivers at once; listeners run one by one and cannot fail the caller. */
  emit<N extends Name>(name: N, payload: EventMap[N]): void {
    this.#emitter.emit(name, payload);
  }

  /** Holds events back until `deliver`, so that a rolled back transaction announces nothing. */
  batch(): EventBatch {
    const held: (() => void)[] = [];
    return {
      emit: (name, payload) => void held.push(() => this.emit(name, payload)),
      deliver: () => {
        for (const send of held.splice(0)) send();
      },
    };
  }

  #failed(error: unknown): void {
    this.#log.error({ err: error }, 'an event listener failed');
  }
}
