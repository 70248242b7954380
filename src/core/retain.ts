/**
 * Takes out of an array all items of which `isKept` says no, in place. O(length).
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
