/** Whether a value comes later. Every executor asks here, so that all wait for the same. */
import { SchedulerError } from './failures.js';

/** Anything with a `then` to call, so that promises of other libraries and realms count. @internal */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * The answer of a function of the user's that has to be there at once. A promise is refused, whose value would come too late and
 * which, taken for an answer, would mean yes.
 *
 * @throws SchedulerError `InvalidArgument`, naming the function as `what`.
 * @internal
 */
export function answerOf(what: string, answer: unknown): boolean {
  if (!isThenable(answer)) return Boolean(answer);
  // Nobody hears of what it comes to.
  answer.then(undefined, () => undefined);
  throw new SchedulerError('InvalidArgument', `${what} must answer at once, got a promise`);
}
