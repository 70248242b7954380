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
  readonly #onWrong: (address: string) => void;
  /** When each address has sent a wrong token last, the longest ago first. */
  readonly #failedMs = new Map<string, number>();

  constructor(token: string | undefined, clock: Clock, onWrong: (address: string) => void) {
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
    const failedMs = this.#failedMs.get(address);
    return failedMs !== undefined && this.#clock.now() - failedMs <= REMEMBERED_MS;
  }

  #remember(address: string): void {
    this.#failedMs.delete(address);
    this.#failedMs.set(address, this.#clock.now());
    const [oldest] = this.#failedMs.keys();
    if (oldest !== undefined && this.#failedMs.size > MAX_ADDRESSES) this.#failedMs.delete(oldest);
    this.#onWrong(address);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
