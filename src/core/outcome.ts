/** How a task can end, and the names of the states on the way there. */

/**
 * The states of a task, as in its statechart. `partial` is running with at least one partial result delivered; done,
 * failed and cancelled are final.
 *
 * @public
 */
export type TaskState = 'pending' | 'ready' | 'running' | 'partial' | 'done' | 'failed' | 'cancelled';

/**
 * How a task settled. Exactly one outcome per task, and it never changes.
 *
 * @public
 */
export type Outcome<T = unknown> =
  | { readonly status: 'done'; readonly result: T }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'cancelled'; readonly reason: unknown };
