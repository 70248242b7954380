/** Whether a value can be read one value after the other. Every executor asks here, so that all stream alike. */

/** Anything with a sync iterator, a string included. @internal */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value);
}

/** Anything with an async iterator. What has both kinds is read by this one. @internal */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
