/** The failures of a feed, its end, and the rejection of a feed that ended early. */
import { elementAt } from './element-at.js';
import { describe } from './user-value.js';
import { SchedulerError } from './scheduler-error.js';

/**
 * One failure in a feed. `source`: the source threw when asked for the item at `index`, and `item` is undefined; `task`: the
 * item's task failed, was cancelled or could not be submitted; `result`: `onResult` threw; `report`: `onError` threw.
 *
 * @public
 */
export interface FeedFailure<I = unknown> {
  readonly stage: 'source' | 'task' | 'result' | 'report';
  readonly error: unknown;
  readonly item: I | undefined;
  /** Position of the item among all items taken, from 0. */
  readonly index: number;
}

/**
 * The totals of a feed at its end.
 *
 * @public
 */
export interface FeedEnd<I = unknown, R = unknown> {
  /** Number of items taken from the source. */
  readonly count: number;
  /** Number of failures. */
  readonly failed: number;
  /** The failures in the order in which they happened, of more than 1,000 the first 1,000. */
  readonly failures: readonly FeedFailure<I>[];
  /** The results in the order of their items, without failed items; empty if results were not collected. */
  readonly results: readonly R[];
}

/**
 * A feed ended before its source did, or had failures that nothing else reported. `cause` is the first error, or the reason
 * given to `cancel` or `terminate`.
 *
 * @public
 */
export class FeedFailed extends SchedulerError {
  /** `failed`: by an error; `cancelled`; `closed`: with its scheduler. */
  readonly ended: 'failed' | 'cancelled' | 'closed';
  /** The totals at that time. */
  readonly end: FeedEnd;

  constructor(queue: string, ended: FeedFailed['ended'], end: FeedEnd, reason: unknown) {
    const more = ended === 'failed' && end.failed > 1 ? ` and ${end.failed - 1} more` : '';
    super('FeedFailed', `a feed of queue ${queue} ${howFeedEnded(ended, end.failures, reason)}${more}`, {
      queue,
      cause: ended === 'failed' ? elementAt(end.failures, 0).error : reason,
    });
    this.ended = ended;
    this.end = end;
  }
}

function howFeedEnded(ended: FeedFailed['ended'], failures: readonly FeedFailure[], reason: unknown): string {
  if (ended !== 'failed') return `was ${ended}${reason === undefined ? '' : `: ${describe(reason)}`}`;
  const { stage, index, error } = elementAt(failures, 0);
  const what = { source: 'the source', task: 'the task', result: 'onResult', report: 'onError' }[stage];
  return `failed: ${what} of item ${index} ended with ${describe(error)}`;
}
