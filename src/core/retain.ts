/**
 * Removes from an array, in place, all items for which `isKept` returns false. O(length).
 *
 * @internal
 */
export function retain<T>(items: T[], isKept: (item: T) => boolean): void {
  let kept = 0;
  for (const item of items) {
    if (!isKept(item)) continue;
    items[kept] = item;
    kept += 1;
  }
  items.length = kept;
}
