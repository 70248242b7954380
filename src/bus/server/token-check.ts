/**
 * Checks the tokens of registrations, and makes guessing slow: an answer to a wrong token takes a second, and so does any answer to an
 * address that has sent a wrong one within a minute. Else a guesser could take a missing answer for a refusal and try the next.
 *
 * Bound: so many addresses are remembered; the one that failed least recently is forgotten first.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/ports.js';

const MAX_ADDRESSES = 1024;
const REMEMBERED_MS = 60_000;

/** How long an answer is delayed. @internal */
export const GUESS_MS = 1000;

interface Failures {
  count: number;
  lastMs: number;
}

/** @internal */
export interface Verdict {
  readonly isRight: boolean;
  /** When to answer. */
  readonly afterMs: number;
}

/** @internal */
export class TokenCheck {
  readonly #digest: Buffer | undefined;
  readonly #clock: Clock;
  readonly #onWrong: (address: string, count: number) => void;
  readonly #failures = new Map<string, Failures>();

  /** @param onWrong - called at the first wrong token of an address, the second, the fourth, the eighth and so on. */
  constructor(token: string | undefined, clock: Clock, onWrong: (address: string, count: number) => void) {
    this.#digest = token === undefined ? undefined : digest(token);
    this.#clock = clock;
    this.#onWrong = onWrong;
  }

  /** Compares in constant time, regardless of length and common prefix. */
  judge(token: string | undefined, address: string): Verdict {
    if (this.#digest === undefined) return { isRight: true, afterMs: 0 };
    const isRight = timingSafeEqual(digest(token ?? ''), this.#digest);
    // Without a token nothing was guessed.
    if (!isRight && token !== undefined) this.#remember(address);
    return { isRight, afterMs: this.#hasFailed(address) ? GUESS_MS : 0 };
  }

  #hasFailed(address: string): boolean {
    const failures = this.#failures.get(address);
    return failures !== undefined && this.#clock.now() - failures.lastMs <= REMEMBERED_MS;
  }

  #remember(address: string): void {
    const before = this.#hasFailed(address) ? (this.#failures.get(address)?.count ?? 0) : 0;
    const count = before + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count, lastMs: this.#clock.now() });
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size > MAX_ADDRESSES) this.#failures.delete(oldest);
    if ((count & (count - 1)) === 0) this.#onWrong(address, count);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
