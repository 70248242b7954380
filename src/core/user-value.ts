/**
 * The guard before users' values: every look at a value of unknown origin goes through here. A value can throw from anything that looks
 * at it: a getter, a trap of a proxy, a proxy that was revoked, a conversion to a string.
 *
 * Invariant: `describe`, `shown`, `nameOfFunction`, `typeOfError`, `messageOf`, `stackOf` and `isInstance` never throw; all others throw only what the value throws, and the caller makes
 * that the failure of the task (or the refusal of the call) that the value belongs to.
 */
import { SchedulerError } from './scheduler-error.js';

/** The words for a value that throws when it is described. */
const INDESCRIBABLE = 'a value that cannot be described';

/** One short line about any value. Never throws. @internal */
export function describe(value: unknown): string {
  try {
    // Whatever the types say, name and message may be anything: a template throws for what has no text.
    return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
  } catch {
    return tagOf(value);
  }
}

function tagOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value);
  } catch {
    return INDESCRIBABLE;
  }
}

/** A longer value is cut to this many characters. */
const MOST_SHOWN = 100;

/** A value given in place of a valid one: as `describe`, but with strings in quotes, so that '5' does not read as 5. @internal */
export function shown(value: unknown): string {
  const text = describe(value);
  const kept = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  if (typeof value === 'string') return JSON.stringify(kept);
  return kept === '' ? 'a value without text' : kept;
}

/** The code of an error of pullgraph, the name of any other, the type of what is no error. Never throws. @internal */
export function typeOfError(value: unknown): string {
  try {
    if (value instanceof SchedulerError) return value.code;
    const name: unknown = value instanceof Error ? value.name : typeof value;
    return typeof name === 'string' && name !== '' ? name : 'Error';
  } catch {
    return 'Error';
  }
}

/** The message of an error, any other value as text. Never throws. @internal */
export function messageOf(value: unknown): string {
  try {
    const told: unknown = value instanceof Error ? value.message : value;
    return String(told);
  } catch {
    return tagOf(value);
  }
}

/** The name of a function; empty for one without. Never throws. @internal */
export function nameOfFunction(fn: (...args: never[]) => unknown): string {
  try {
    // Whatever the types say, a function can be given any name.
    const name: unknown = fn.name;
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

/** The stack of an error, where there is one. Never throws. @internal */
export function stackOf(value: unknown): string | undefined {
  try {
    return value instanceof Error && typeof value.stack === 'string' ? value.stack : undefined;
  } catch {
    return undefined;
  }
}

/** `value instanceof type`, false where the value throws. @internal */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** Anything with a `then` to call, so that promises of other libraries and realms count. @internal */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Anything with a sync iterator, a string included. @internal */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value);
}

/** Anything with an async iterator, which is preferred if there is a sync one too. @internal */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** A promise with the language's own `then`: any other may call back more than once. @internal */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === Promise.prototype.then && value.constructor === Promise;
}

/** An object that a generator function has returned. @internal */
export function isGenerator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !(Symbol.toStringTag in value)) return false;
  const tag = value[Symbol.toStringTag];
  return tag === 'Generator' || tag === 'AsyncGenerator';
}

/**
 * The answer of a user's function that has to answer synchronously. A promise is refused: its value would come too late, and
 * the promise itself would count as yes.
 *
 * @throws SchedulerError `InvalidArgument`, naming the function as `what`.
 * @internal
 */
export function answerOf(what: string, answer: unknown): boolean {
  if (!isThenable(answer)) return Boolean(answer);
  // Its rejection must not count as unhandled.
  answer.then(undefined, () => undefined);
  throw new SchedulerError('InvalidArgument', `${what} must answer at once, got a promise`);
}
