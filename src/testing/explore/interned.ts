/** Small integers in place of plain data: equal data have the same number, from 0 in the order of their coming. */

/** Numbers for values of one kind. Values are told apart by their key: their JSON, unless told otherwise. @internal */
export class Interned<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #keyOf: (value: T) => string;

  /** Without `keyOf`, values hold nothing that JSON leaves out. */
  constructor(keyOf: (value: T) => string = JSON.stringify) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#values.length;
  }

  numberOf(value: T): number {
    const key = this.#keyOf(value);
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
