/**
 * Detects dead participants. A participant with claims writes an increasing number to its file; those that wait for it read the file,
 * and take it for dead when the number has not changed for `expireMs` by their own clock. No times of day are compared, so clocks of
 * computers and file servers may differ.
 *
 * Taking a live participant for dead wastes work but is never wrong: the log decides whose result counts.
 */
import type { Clock } from '../core/ports.js';
import { beatFileName } from './file-name.js';
import type { FolderPort } from './ports.js';

/**
 * The heartbeat of one participant. It beats while at least one claim is held.
 *
 * @internal
 */
export class Heartbeat {
  readonly #folder: FolderPort;
  readonly #clock: Clock;
  readonly #fileName: string;
  readonly #beatMs: number;
  #count = 0;
  #held = 0;
  /** The first beat since the heartbeat last rested. */
  #first: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(folder: FolderPort, clock: Clock, participant: string, beatMs: number) {
    this.#folder = folder;
    this.#clock = clock;
    this.#fileName = beatFileName(participant);
    this.#beatMs = beatMs;
  }

  /**
   * Call before creating a claim. Resolves when the file has a new number, so that no participant that saw this one silent takes the
   * new claim for a dead one.
   */
  async hold(): Promise<void> {
    this.#held += 1;
    if (this.#cancelTimer === undefined) this.#plan();
    try {
      this.#first ??= this.#beat();
      await this.#first;
    } catch (error) {
      this.#first = undefined;
      this.release();
      throw error;
    }
  }

  /** Call when a claim has ended. */
  release(): void {
    this.#held -= 1;
    if (this.#held === 0) this.rest();
  }

  /** Stops beating until the next `hold`. */
  rest(): void {
    this.#first = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Removes the file. */
  async remove(): Promise<void> {
    if (this.#count > 0) await this.#folder.remove(this.#fileName);
  }

  async #beat(): Promise<void> {
    this.#count += 1;
    await this.#folder.overwrite(this.#fileName, Buffer.from(String(this.#count)));
  }

  #plan(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(this.#beatMs, () => void this.#beatAndPlan());
  }

  async #beatAndPlan(): Promise<void> {
    try {
      await this.#beat();
    } catch {
      // Claiming and publishing report an unavailable folder. Here the next beat is the retry.
    }
    if (this.#cancelTimer !== undefined) this.#plan();
  }
}

/**
 * The heartbeats of other participants as this one has seen them. Keeps one short text for each participant ever waited for.
 *
 * @internal
 */
export class Observations {
  readonly #folder: FolderPort;
  readonly #clock: Clock;
  readonly #expireMs: number;
  readonly #seen = new Map<string, { readonly beat: string; readonly sinceMs: number }>();

  constructor(folder: FolderPort, clock: Clock, expireMs: number) {
    this.#folder = folder;
    this.#clock = clock;
    this.#expireMs = expireMs;
  }

  /** Whether the participant has been silent for `expireMs`, measured from the first check. A missing file counts as silence. */
  async isSilent(participant: string): Promise<boolean> {
    const content = await this.#folder.read(beatFileName(participant));
    const beat = content === undefined ? '' : new TextDecoder().decode(content);
    const nowMs = this.#clock.now();
    const seen = this.#seen.get(participant);
    if (seen?.beat === beat) return nowMs - seen.sinceMs >= this.#expireMs;
    this.#seen.set(participant, { beat, sinceMs: nowMs });
    return false;
  }
}
