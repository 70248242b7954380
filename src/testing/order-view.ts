/** The tasks that wait, as the rules of orders see them. */

/** What the order asks of a task. @internal */
export interface OrderView<T> {
  /** What it still needs, in the order in which demand visits it: nothing if it is ready; undefined if it does not wait for its start. */
  readonly missing: (task: T) => readonly T[] | undefined;
  readonly priority: (task: T) => number;
  /** Whether it is of a queue in order of submission. */
  readonly isFifo?: (task: T) => boolean;
  /** How long it takes; 1 when not given. Only orders that go by it ask. */
  readonly weight?: (task: T) => number;
}
