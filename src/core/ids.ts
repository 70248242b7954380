/**
 * The name of a task, unique within its scheduler: the `id` option of `submit`, else `#1`, `#2`, …
 * by its place in submission order.
 *
 * @public
 */
export type TaskId = string;
