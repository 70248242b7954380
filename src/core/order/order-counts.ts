/** Counted work, for tests that bound it: counts do not depend on the machine. @internal */
export interface OrderCounts {
  /** Edges looked at by walks. */
  visits: number;
  /** Tasks given a new place because their block was joined to another, or parted. */
  relabels: number;
  /** Tasks ranked anew because what demanded them was withdrawn. */
  reranks: number;
}
