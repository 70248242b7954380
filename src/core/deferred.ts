/** A promise with the functions that settle it, as by `Promise.withResolvers` of later Node versions. */

/** @internal */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Creates an unsettled promise. @internal */
export function deferred<T>(): Deferred<T> {
  const settlers: Pick<Deferred<T>, 'resolve' | 'reject'>[] = [];
  const promise = new Promise<T>((resolve, reject) => settlers.push({ resolve, reject }));
  return {
    promise,
    resolve: (value) => settlers.forEach(({ resolve }) => resolve(value)),
    reject: (error) => settlers.forEach(({ reject }) => reject(error)),
  };
}
