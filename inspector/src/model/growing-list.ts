/** A list of u32 numbers in one typed array, which doubles; with a bound, the older half makes room. */
export class GrowingList {
  values = new Uint32Array(256);
  count = 0;
  /** How many values have made room. */
  dropped = 0;
  readonly #bound: number;

  constructor(bound: number = Number.POSITIVE_INFINITY) {
    this.#bound = bound;
  }

  push(value: number): void {
    if (this.count === this.values.length) this.#makeRoom();
    this.values[this.count] = value;
    this.count += 1;
  }

  #makeRoom(): void {
    if (this.count * 2 <= this.#bound) {
      const grown = new Uint32Array(this.count * 2);
      grown.set(this.values);
      this.values = grown;
      return;
    }
    const half = this.count >>> 1;
    this.values.copyWithin(0, half);
    this.count -= half;
    this.dropped += half;
  }
}
