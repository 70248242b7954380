/** What becomes of an error that a listener throws: it must not reach the code that calls the listener. */

/** Throws the error again in a microtask of its own, as an uncaught one. @internal */
export function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
