/** Something that stands in a row. @internal */
export interface Linked {
  readonly before: Linked | undefined;
  readonly behind: Linked | undefined;
}

/**
 * Whether there are fewer, or as many, from `down` on to the end of its row than from all `ups` on to the beginnings of
 * theirs together. O(the fewer).
 *
 * @internal
 */
export function isShorter(down: Linked | undefined, ...ups: readonly (Linked | undefined)[]): boolean {
  let below = down;
  for (let up of ups) {
    while (up !== undefined) {
      if (below === undefined) return true;
      below = below.behind;
      up = up.before;
    }
  }
  return below === undefined;
}
