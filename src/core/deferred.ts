/** A promise and what settles it, as `Promise.withResolvers` of later Node versions. */

/** @internal */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise that nothing has settled yet. @internal */
export function deferred<T>(): Deferred<T> {
  const settlers: Pick<Deferred<T>, 'resolve' | 'reject'>[] = [];
  const promise = new Promise<T>((resolve, reject) => settlers.push({ resolve, reject }));
  return {
    promise,
    resolve: (value) => settlers.forEach(({ resolve }) => resolve(value)),
    reject: (error) => settlers.forEach(({ reject }) => reject(error)),
  };
}
