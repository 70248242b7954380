/** An item of a linked chain. @internal */
export interface Linked {
  readonly before: Linked | undefined;
  readonly behind: Linked | undefined;
}

/**
 * Whether the chain from `down` to its end is no longer than the chains from `ups` to their beginnings combined. O(the shorter).
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
