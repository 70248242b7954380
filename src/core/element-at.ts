/**
 * The element at an index that is known to be in bounds. The only place for this cast: the type checker cannot follow counting
 * loops, and a check in each of them would cost what the loop is written to save.
 *
 * Bounds: 0 ≤ index < items.length.
 *
 * @internal
 */
export function elementAt<T>(items: readonly T[], index: number): T {
  return items[index] as T;
}

/** The value of a key that is known to be in the map, as `elementAt`. @internal */
export function valueAt<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  return map.get(key) as V;
}
