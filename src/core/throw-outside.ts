/** Errors thrown by listeners, which must not reach the code that calls the listener. */

/** Throws the error in a microtask of its own, where it is uncaught. @internal */
export function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls a listener; what it throws is thrown outside. @internal */
export function callListener(call: () => void): void {
  try {
    call();
  } catch (error) {
    throwOutside(error);
  }
}
