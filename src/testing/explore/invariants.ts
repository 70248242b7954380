/** What holds in every state and step of an exploration: each invariant has a name and a sentence. */

/** The sentences, by name. @internal */
export const INVARIANTS = {
  'dependencies-first': 'A task starts only after everything that it depends on has been delivered.',
  'room-conserved': 'What is taken of a queue is what its unended attempts and its holding tasks take.',
  'within-limits': 'A queue never gives more slots or resources than it has.',
  'shut-gate': 'A queue grants nothing while its gate is shut or it is paused.',
  'stopped-starts-nothing': 'No function is called while the scheduler is stopped.',
  'settled-once': 'A task settles exactly once, says so once, and its outcome never changes.',
  'one-attempt': 'A task has at most one attempt that counts, and only while it runs.',
  'stale-reports': 'The report of an attempt that no longer counts changes nothing.',
  retried: 'A failed or evicted attempt is followed by another one exactly if the task is to be tried again.',
  'partials-in-order': 'Partial results are delivered one by one, in order.',
  'effects-once': 'A step asks for each of its effects once.',
  'offers-answered': 'A queue answers every offer once.',
  'demand-order': 'No ready task that fits waits while a task of lower rank in its queue is started.',
  'work-conserved': 'At rest, no ready task that fits waits while the scheduler runs.',
  'rest-announced':
    'At rest with nothing under way, a running scheduler says that it is idle or stalled, and rightly so.',
  'stop-shuts-gates': 'At rest, the gates of a stopped scheduler are shut, and those of a running one are open.',
  'readiness-spreads': 'At rest, a task whose dependencies have all been delivered does not wait for them.',
  'failure-spreads':
    'At rest, a task whose dependency cannot be delivered any more has settled without having started.',
  released: 'At rest, no task holds its slot once a task that releases it has settled.',
  'known-events':
    'Every event that is delivered stands in the table of its state, or is declared to mean nothing there.',
  'everything-settles':
    'Whatever has happened, every submitted task can still settle, and every held slot come back, without anybody’s help but a start.',
} as const;

/**
 * The name of an invariant of `explore`.
 *
 * @public
 */
export type ExploredInvariant = keyof typeof INVARIANTS;

/** A violation, as the part that found it puts it. @internal */
export interface Fault {
  readonly invariant: ExploredInvariant;
  /** What has happened, in words. */
  readonly what: string;
}
