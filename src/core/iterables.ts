/** Tests of whether a value can be iterated. Every executor uses these, so that all stream alike. */

/** Anything with a sync iterator, a string included. @internal */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value);
}

/** Anything with an async iterator, which is preferred if there is a sync one too. @internal */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
