/** What the tasks of the model-based test take, deliver and fail with. */

/** Puts a value at varying depths of arrays and plain objects, where handles may stand. */
export function nested(value: unknown, place: number): unknown {
  switch (place % 3) {
    case 0:
      return value;
    case 1:
      return [place, value];
    default:
      return { at: { place, value } };
  }
}

export function resultOf({ id }: { readonly id: string }): string {
  return `result of ${id}`;
}

export function partialOf({ id }: { readonly id: string }, index: number): string {
  return `result ${index} of ${id}`;
}

export function errorOf({ id }: { readonly id: string }): Error {
  return new RangeError(`${id} went wrong`);
}
