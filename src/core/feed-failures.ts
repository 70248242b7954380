/** What can go wrong in a feed, and what a feed that was ended early rejects with. */
import { describe } from './describe.js';
import { SchedulerError } from './scheduler-error.js';

/**
 * One thing that went wrong in a feed. `source`: it threw when it was asked for item number `index`, and `item` is undefined;
 * `task`: the item's task failed, was cancelled or could not be submitted; `result`: `onResult` threw; `report`: `onError` did.
 *
 * @public
 */
export interface FeedFailure<I = unknown> {
  readonly stage: 'source' | 'task' | 'result' | 'report';
  readonly error: unknown;
  readonly item: I | undefined;
  /** Place of the item among all that were taken, from 0. */
  readonly index: number;
}

/**
 * What a feed came to.
 *
 * @public
 */
export interface FeedEnd<I = unknown, R = unknown> {
  /** How many items were taken from the source. */
  readonly count: number;
  /** How many failures there were. */
  readonly failed: number;
  /** The failures in the order in which they happened, at most the first 1,000. */
  readonly failures: readonly FeedFailure<I>[];
  /** The results in the order of their items, without those of items that failed; none where they were not collected. */
  readonly results: readonly R[];
}

/**
 * A feed ended before its source did, or nobody else was told of its failures. `cause` is the first error, or the reason that
 * `cancel` or `terminate` was given.
 *
 * @public
 */
export class FeedFailed extends SchedulerError {
  /** `failed`: by an error; `cancelled`; `closed`: along with its scheduler. */
  readonly ended: 'failed' | 'cancelled' | 'closed';
  /** What had been done by then. */
  readonly end: FeedEnd;

  constructor(queue: string, ended: FeedFailed['ended'], end: FeedEnd, reason: unknown) {
    const more = ended === 'failed' && end.failed > 1 ? ` and ${end.failed - 1} more` : '';
    const [first] = end.failures;
    super('FeedFailed', `a feed of queue ${queue} ${howFeedEnded(ended, first, reason)}${more}`, {
      queue,
      cause: ended === 'failed' ? first?.error : reason,
    });
    this.ended = ended;
    this.end = end;
  }
}

function howFeedEnded(ended: FeedFailed['ended'], first: FeedFailure | undefined, reason: unknown): string {
  if (ended === 'closed') return 'was ended by the close of its scheduler';
  if (ended === 'cancelled') return `was cancelled${reason === undefined ? '' : `: ${describe(reason)}`}`;
  const what = { source: 'the source', task: 'the task', result: 'onResult', report: 'onError' }[
    first?.stage ?? 'task'
  ];
  return `failed: ${what} of item ${first?.index} ended with ${describe(first?.error)}`;
}
