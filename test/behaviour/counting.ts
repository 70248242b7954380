/** Producers of streams that deliver 0, 1, 2 …, at once or one after the other. */

export function* counting(to: number): Generator<number> {
  for (let value = 0; value < to; value += 1) yield value;
}

export async function* countingLater(to: number): AsyncGenerator<number> {
  for (let value = 0; value < to; value += 1) {
    await Promise.resolve();
    yield value;
  }
}
