/** Tests of whether a value is a promise. Every executor uses these, so that all wait for the same values. */
import { SchedulerError } from './failures.js';

/** Anything with a `then` to call, so that promises of other libraries and realms count. @internal */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
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
