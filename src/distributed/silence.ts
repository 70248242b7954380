/**
 * Tells who has gone silent. Everyone counts its beats; the observer looks in rounds and compares counts. No times are compared, so
 * clocks may differ, and rounds that could not be made, because Redis or the observer stood still, count against nobody.
 */

/** Something that beats. @internal */
export interface Beating {
  readonly beat: number;
}

interface Seen<T> {
  last: T | undefined;
  rounds: number;
  /** Whether it was there at the last look. */
  isThere: boolean;
}

/** @internal */
export class Silence<T extends Beating> {
  readonly #seen = new Map<string, Seen<T>>();
  readonly #forgetAfter: number;

  /** @param forgetAfter - for how many rounds one that is not there any more is remembered, as silent. */
  constructor(forgetAfter: number) {
    this.#forgetAfter = forgetAfter;
  }

  /** One look: who is there, and how. */
  look(present: ReadonlyMap<string, T>): void {
    for (const [id, seen] of this.#seen) {
      const now = present.get(id);
      seen.rounds = now === undefined || now.beat === seen.last?.beat ? seen.rounds + 1 : 0;
      seen.last = now ?? seen.last;
      seen.isThere = now !== undefined;
      if (now === undefined && seen.rounds > this.#forgetAfter) this.#seen.delete(id);
    }
    for (const [id, last] of present) if (!this.#seen.has(id)) this.#seen.set(id, { last, rounds: 0, isThere: true });
  }

  /** For how many rounds nothing new was seen of it; counted from now for one that was never seen. */
  roundsOf(id: string): number {
    const seen = this.#seen.get(id) ?? { last: undefined, rounds: 0, isThere: false };
    this.#seen.set(id, seen);
    return seen.rounds;
  }

  /** It has shown in another way that it lives: its silence begins anew. */
  heard(id: string): void {
    const seen = this.#seen.get(id);
    if (seen !== undefined) seen.rounds = 0;
  }

  /** Those that are remembered and were not there at the last look. */
  absent(): readonly string[] {
    return [...this.#seen].filter(([, { isThere }]) => !isThere).map(([id]) => id);
  }

  /** Whether it has beaten between the last look and the one before. */
  hasBeaten(id: string): boolean {
    const seen = this.#seen.get(id);
    return seen?.isThere === true && seen.rounds === 0;
  }

  /** How it was when it was last there. */
  lastOf(id: string): T | undefined {
    return this.#seen.get(id)?.last;
  }
}
