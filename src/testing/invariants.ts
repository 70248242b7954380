/**
 * The names of the invariants of a scheduler, each with its sentence. `check`, `monitor`, `simulate` and the tests of the product speak of
 * them by these names.
 */

/**
 * What must hold of every run, by name.
 *
 * @public
 */
export const INVARIANTS = {
  dependencies: 'A task is ready, and starts, only when everything that it depends on has been delivered.',
  arguments: 'A task receives the results of its dependencies, each from the attempt whose outcome was accepted.',
  slots: 'A queue never has more slots taken than it has.',
  resources: 'A queue never has more of a resource taken than its capacity.',
  rate: 'No more attempts start, of a queue or of a key, than its rate allows.',
  eviction:
    'A running task is evicted only for a more urgent one that does not fit otherwise, the least urgent first; at rest no task waits that could have room so.',
  returns:
    'A slot comes back exactly once: when its attempt has ended or, if the task holds it, when the task is released.',
  accounting: 'The ledger of a queue equals what its running and holding tasks take.',
  partials: 'Partial results are delivered once, in order, before the task settles, and as many as were announced.',
  stop: 'Nothing is granted, and no function begins, between the acknowledgement of a stop and the next start; nothing is granted by a paused queue.',
  settlement: 'A task settles exactly once, and neither starts nor delivers afterwards.',
  attempts:
    'The attempts at a task are numbered from 1 without gaps, one at a time, and no more than its retries allow.',
  outcome: 'The outcome of a task is that of its latest attempt, and the end of that attempt is never lost.',
  handles:
    'The state of a handle, what events tell of it, and what its promises resolve with, is what has become of its task.',
  order: 'No ready task that fits waits while one that comes after it in the order of starts is granted.',
  failures: 'A dependent of a task that settled without the needed result fails, does not start, and names that task.',
  cancel: 'A task whose cancellation was acknowledged settles and does not start.',
  conservation: 'At rest no ready task that fits waits, unless the scheduler is stopped.',
  acknowledgement:
    'A stop is acknowledged before anything else happens, and ends when what ran at its call has ended; nothing else is announced as a stop.',
  idle: 'Idle is announced when everything has settled, a stall when tasks are left that nothing can start, neither otherwise.',
  progress: 'In the end every attempt has ended, and every task has settled or waits for something that will not come.',
} as const;

/**
 * The name of an invariant.
 *
 * @public
 */
export type InvariantName = keyof typeof INVARIANTS;

/** In the order in which reports list them. @internal */
export const INVARIANT_NAMES: readonly InvariantName[] = Object.keys(INVARIANTS).filter(isInvariantName);

function isInvariantName(name: string): name is InvariantName {
  return Object.hasOwn(INVARIANTS, name);
}
