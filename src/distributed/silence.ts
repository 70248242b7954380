/**
 * Tells who has gone silent. Everyone counts its beats; the observer looks in rounds and compares counts. No times are compared, so
 * clocks may differ, and rounds that could not be made, because Redis or the observer stood still, count against nobody.
 */

/** @internal */
export class Silence {
  readonly #seen = new Map<string, { beat: number; rounds: number }>();

  /** One look: who is there, with its beat. Forgets the others. */
  look(present: ReadonlyMap<string, number>): void {
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id);
    for (const [id, beat] of present) {
      const seen = this.#seen.get(id);
      if (seen === undefined || seen.beat !== beat) this.#seen.set(id, { beat, rounds: 0 });
      else seen.rounds += 1;
    }
  }

  /** For how many rounds the beat has not changed; undefined for who was not there. */
  roundsOf(id: string): number | undefined {
    return this.#seen.get(id)?.rounds;
  }
}
