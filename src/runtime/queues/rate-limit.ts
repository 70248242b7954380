/**
 * The rate limits of one queue: gates that shut for a time after a start. The gate of the whole queue keeps all its tasks from being
 * offered, the gate of a key only those submitted with that `rateKey`. A limit delays starts and does nothing else.
 *
 * A gate is a token bucket, kept as one number (the generic cell rate algorithm of ATM networks): the time at which it is full again.
 *
 * Invariants: a deadline is set exactly while ready tasks wait behind a shut gate, so an idle queue keeps no process alive; a key without
 * unsettled tasks is forgotten once its bucket is full, at the latest when another key is asked for.
 */
import type { HeapItem } from '../../core/order/indexed-heap.js';
import { IndexedHeap } from '../../core/order/indexed-heap.js';
import type { GatedLane, LaneGate } from '../../core/order/lane.js';
import type { Environment } from '../../core/ports.js';
import type { EventQueue } from '../events/event-queue.js';
import type { Deadline, Deadlines } from '../policies/deadlines.js';
import type { RateOptions } from '../policies/rate.js';

/** Sums of fractions may miss a time by less than this. */
const TOLERANCE_MS = 1e-6;

/** Time, as rate limits need it. @internal */
export interface RatePort {
  now(): number;
  /** Calls `passed` once, so many milliseconds from now or somewhat later. */
  set(delayMs: number, passed: () => void): Deadline;
  callOff(deadline: Deadline): void;
  /** A gate has opened behind which ready tasks waited. */
  opened(): void;
}

/** One token bucket, and the tasks that wait for it. Each operation is O(1), and O(its lanes) when it opens or shuts. @internal */
export class RateGate implements LaneGate, HeapItem {
  readonly name: string;
  heapIndex = -1;
  isOpen = true;
  /** When the bucket is full again. */
  fullAtMs = Number.NEGATIVE_INFINITY;
  readonly lanes = new Set<GatedLane>();
  readonly #spacingMs: number;
  readonly #burst: number;
  readonly #port: RatePort;
  readonly #unused: (gate: RateGate) => void;
  #ready = 0;
  #users = 0;
  #deadline: Deadline | undefined = undefined;

  /** `unused` is told when the last unsettled task has left. */
  constructor(
    name: string,
    { limit, intervalMs, burst = 1 }: RateOptions,
    port: RatePort,
    unused: (gate: RateGate) => void,
  ) {
    this.name = name;
    this.#spacingMs = intervalMs / limit;
    this.#burst = burst;
    this.#port = port;
    this.#unused = unused;
  }

  /** How long it stays shut, in milliseconds; 0 for an open gate. */
  get opensInMs(): number {
    return this.isOpen ? 0 : Math.max(0, this.#opensAtMs - this.#port.now());
  }

  get #opensAtMs(): number {
    return this.fullAtMs - (this.#burst - 1) * this.#spacingMs;
  }

  /** An attempt has been granted a start. */
  started(): void {
    this.fullAtMs = Math.max(this.fullAtMs, this.#port.now()) + this.#spacingMs;
    this.#look();
  }

  readyChanged(by: number): void {
    this.#ready += by;
    if (!this.isOpen) this.#look();
  }

  enter(): void {
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#unused(this);
  }

  /** Opens or shuts, and sees to it that a shut gate with tasks behind it opens in time. */
  #look(): void {
    const delayMs = this.#opensAtMs - this.#port.now();
    const isOpen = delayMs <= TOLERANCE_MS;
    if (isOpen !== this.isOpen) {
      this.isOpen = isOpen;
      for (const lane of this.lanes) lane.gateMoved();
    }
    const isNeeded = !isOpen && this.#ready > 0;
    if (isNeeded) this.#deadline ??= this.#port.set(delayMs, this.#passed);
    else if (this.#deadline !== undefined) {
      this.#port.callOff(this.#deadline);
      this.#deadline = undefined;
    }
  }

  readonly #passed = (): void => {
    this.#deadline = undefined;
    this.#look();
    if (this.isOpen) this.#port.opened();
  };
}

/** The gates of one queue. Memory O(keys with unsettled tasks, or with a bucket that is not full). @internal */
export class RateLimit {
  /** Of the whole queue. */
  readonly whole: RateGate | undefined;
  readonly #byKey: RateOptions | undefined;
  readonly #port: RatePort;
  /** How many gates have a deadline. */
  #waiting = 0;
  readonly #keys = new Map<string, RateGate>();
  /** Keys without unsettled tasks, the first to be full again on top. */
  readonly #unused = new IndexedHeap<RateGate>((a, b) => a.fullAtMs < b.fullAtMs);

  constructor(queue: string, rate: RateOptions | undefined, byKey: RateOptions | undefined, port: RatePort) {
    this.#port = this.#counting(port);
    this.#byKey = byKey;
    this.whole = rate === undefined ? undefined : new RateGate(queue, rate, this.#port, () => undefined);
  }

  get hasKeys(): boolean {
    return this.#byKey !== undefined;
  }

  /** How many keys are remembered. */
  get keyCount(): number {
    return this.#keys.size;
  }

  /** Whether ready tasks wait for a gate to open. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** The gate of a key; undefined where keys have none. */
  gateOf(key: string | undefined): RateGate | undefined {
    if (key === undefined || this.#byKey === undefined) return undefined;
    this.#forget();
    let gate = this.#keys.get(key);
    if (gate === undefined) {
      gate = new RateGate(key, this.#byKey, this.#port, this.#leave);
      this.#keys.set(key, gate);
    } else if (gate.heapIndex >= 0) this.#unused.remove(gate);
    return gate;
  }

  readonly #leave = (gate: RateGate): void => {
    this.#unused.push(gate);
    this.#forget();
  };

  /** The port, with its deadlines counted. */
  #counting(port: RatePort): RatePort {
    return {
      now: () => port.now(),
      opened: () => port.opened(),
      set: (delayMs, passed) => {
        this.#waiting += 1;
        return port.set(delayMs, () => {
          this.#waiting -= 1;
          passed();
        });
      },
      callOff: (deadline) => {
        this.#waiting -= 1;
        port.callOff(deadline);
      },
    };
  }

  #forget(): void {
    const now = this.#port.now();
    for (let gate = this.#unused.peek(); gate !== undefined && gate.fullAtMs <= now; gate = this.#unused.peek()) {
      this.#unused.remove(gate);
      this.#keys.delete(gate.name);
    }
  }
}

/** The limits of a queue of that definition; undefined where it has none. @internal */
export function rateLimitOf(
  {
    name,
    rate,
    rateByKey,
  }: { readonly name: string } & Readonly<Record<'rate' | 'rateByKey', RateOptions | undefined>>,
  parts: {
    readonly deadlines: Deadlines;
    readonly environment: Environment;
    readonly cell: { readonly changed: () => void };
    readonly eventQueue: EventQueue;
  },
): RateLimit | undefined {
  if (rate === undefined && rateByKey === undefined) return undefined;
  const { deadlines, environment, cell, eventQueue } = parts;
  return new RateLimit(name, rate, rateByKey, {
    now: () => environment.clock.now(),
    set: (delayMs, passed) => deadlines.set(delayMs, passed),
    callOff: (deadline) => deadlines.callOff(deadline),
    opened() {
      cell.changed();
      eventQueue.drain();
    },
  });
}
