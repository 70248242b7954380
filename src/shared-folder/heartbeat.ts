/**
 * Who is alive. A participant that has claims writes a number to its file, another one each time; whoever waits for it
 * reads that file, and gives it up when the number has been the same for long enough by its own clock. No time of day is
 * compared: the clocks of two computers may differ as they like, and so may the one of the server.
 *
 * Giving up somebody who lives is wasteful and never wrong: the log decides whose result counts.
 */
import type { Clock } from '../core/ports.js';
import { beatFileName } from './file-name.js';
import type { FolderPort } from './ports.js';

/**
 * The sign of life of one participant. It beats while something is held.
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
  /** The beat that those who hold began with. */
  #first: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(folder: FolderPort, clock: Clock, participant: string, beatMs: number) {
    this.#folder = folder;
    this.#clock = clock;
    this.#fileName = beatFileName(participant);
    this.#beatMs = beatMs;
  }

  /**
   * Call before a claim is made. Resolves when the file has a new number, so that nobody who has known this participant as
   * silent takes the claim for an old one.
   */
  async hold(): Promise<void> {
    this.#held += 1;
    if (this.#cancelTimer === undefined) this.#plan();
    try {
      this.#first ??= this.#beat();
      await this.#first;
    } catch (error) {
      this.#first = undefined;
      this.letGo();
      throw error;
    }
  }

  /** Call when a claim has come to its end. */
  letGo(): void {
    this.#held -= 1;
    if (this.#held === 0) this.rest();
  }

  /** Is silent from now on, until something is held anew. */
  rest(): void {
    this.#first = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Takes the file away. */
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
      // A folder that cannot be written to is told to whoever claims or publishes. Here the next beat is another chance.
    }
    if (this.#cancelTimer !== undefined) this.#plan();
  }
}

/**
 * What one participant has seen of the others. Keeps one short text for each that it has ever waited for.
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

  /** Whether the participant has been silent for `expireMs` since it was first looked at. A file that is gone is silence. */
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
