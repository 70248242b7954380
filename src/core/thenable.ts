/** Whether a value comes later. Every executor asks here, so that all wait for the same. */

/** Anything with a `then` to call, so that promises of other libraries and realms count. @internal */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
