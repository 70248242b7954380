/**
 * The arguments that a scheduler lends to attempts: each large value is kept as one blob, however many attempts read it, and is removed
 * when the last of them has ended. What is lent is renewed, so that its lifetime ends only after the scheduler has.
 *
 * Invariant: of one name, putting and removing never overlap.
 */
import type { Clock } from '../../core/ports.js';
import type { Payload, Payloads, Space } from './payloads.js';

interface Lent {
  /** How many attempts read it. */
  readers: number;
  /** What was begun last with the blob: putting or removing it. */
  last: Promise<void>;
}

/** @internal */
export class LentPayloads {
  readonly #payloads: Payloads;
  readonly #space: Space;
  readonly #clock: Clock;
  readonly #lent = new Map<string, Lent>();
  #stopRenewing: (() => void) | undefined;

  /** Names lie in the space of `run`. The clock's timers should not keep the process alive. */
  constructor(payloads: Payloads, run: string, clock: Clock) {
    this.#payloads = payloads;
    this.#space = { run, owner: '' };
    this.#clock = clock;
  }

  /** How many blobs are lent. */
  get size(): number {
    return this.#lent.size;
  }

  /** To be given back once. `isForgotten` means that the place may have lost it. `put` is undefined for small values; else it rejects with `BlobUnavailable`. */
  lend(bytes: Uint8Array, isForgotten = false): { readonly payload: Payload; readonly put: Promise<void> | undefined } {
    if (!this.#payloads.isLarge(bytes)) return { payload: this.#payloads.inline(bytes), put: undefined };
    const payload = this.#payloads.reference(this.#space, bytes);
    const lent = this.#lent.get(payload.blob) ?? { readers: 0, last: Promise.resolve() };
    this.#lent.set(payload.blob, lent);
    lent.readers += 1;
    if (lent.readers === 1 || isForgotten) lent.last = lent.last.then(() => this.#payloads.put(payload, bytes));
    this.#renewLater();
    return { payload, put: lent.last };
  }

  /** One reader has ended. Resolves when the blob is removed, if that was the last. */
  async giveBack(payload: Payload): Promise<void> {
    if (typeof payload !== 'string') await this.#giveBackBlob(payload.blob, payload);
  }

  /** Ends the renewals. */
  close(): void {
    this.#stopRenewing?.();
    this.#stopRenewing = undefined;
  }

  async #giveBackBlob(name: string, payload: Payload): Promise<void> {
    const lent = this.#lent.get(name);
    if (lent === undefined || --lent.readers > 0) return;
    lent.last = lent.last.then(
      () => this.#payloads.remove(payload),
      () => this.#payloads.remove(payload),
    );
    await lent.last;
    if (lent.readers === 0 && this.#lent.get(name) === lent) this.#lent.delete(name);
  }

  #renewLater(): void {
    this.#stopRenewing ??= this.#clock.after(this.#payloads.blobs.lifetimeMs / 3, () => void this.#renew());
  }

  /** A place that cannot be reached now is asked again in time. */
  async #renew(): Promise<void> {
    this.#stopRenewing = undefined;
    if (this.#lent.size === 0) return;
    this.#renewLater();
    try {
      await this.#payloads.blobs.renew([...this.#lent.keys()]);
    } catch {
      // A third of the lifetime later there is another turn.
    }
  }
}
