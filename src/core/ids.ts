/**
 * The name of a task, unique within its scheduler: the `id` option of `submit`, or `#1`, `#2`, … by
 * submission order.
 *
 * @public
 */
export type TaskId = string;
