/**
 * Signals that cancel tasks. A signal has one listener however many tasks it is given to, so that Node sees no leak of listeners.
 *
 * Invariant: a signal has the listener exactly while tasks that have not settled listen to it.
 */

interface Listened {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const known = new WeakMap<AbortSignal, Listened>();

/** Calls `aborted` when the signal aborts. Returns a function that prevents that. @internal */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  const { callbacks, listener } = known.get(signal) ?? listen(signal);
  callbacks.add(aborted);
  return () => {
    callbacks.delete(aborted);
    if (callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    known.delete(signal);
  };
}

function listen(signal: AbortSignal): Listened {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const listened = { callbacks, listener };
  signal.addEventListener('abort', listener, { once: true });
  known.set(signal, listened);
  return listened;
}
