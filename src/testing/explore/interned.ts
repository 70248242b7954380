/** Small integers in place of plain data: equal data have the same number, from 0 in the order of their coming. */

/** Numbers for values of one kind. Values are told apart by their JSON, so they hold nothing that JSON leaves out. @internal */
export class Interned<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#values.length;
  }

  numberOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#values.push(value);
    this.#numbers.set(key, number);
    return number;
  }

  valueOf(number: number): T {
    const value = this.#values[number];
    if (value === undefined) throw new RangeError(`expected a number below ${this.#values.length}, got ${number}`);
    return value;
  }
}
