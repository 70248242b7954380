/**
 * The element at an index that is known to be inside. The one place for this cast: loops that count cannot be followed by
 * the type checker, and a check in each of them would cost what the loop is written to save.
 *
 * Bounds: 0 ≤ index < items.length, and `items` is there.
 *
 * @internal
 */
export function elementAt<T>(items: readonly T[] | undefined, index: number): T {
  return (items as readonly T[])[index] as T;
}
