/**
 * The tasks of a group, as the runtime sees them: told of each when it comes, settles, and when an attempt at it begins and ends.
 *
 * Invariant: a settled task is kept only if it failed, and of those at most `MOST_LISTED`.
 */
import type { Outcome } from '../../core/outcome.js';
import type { TaskGroup } from './task-group.js';
import type { TaskRecord } from './task-record.js';

/** How many failures a group lists; more are counted. */
const MOST_LISTED = 1000;

/** The members of one group. Each operation is O(1). @internal */
export class GroupMembers implements TaskGroup<TaskRecord> {
  /** Those that have not settled, oldest first. */
  readonly live = new Set<TaskRecord>();
  readonly failed: TaskRecord[] = [];
  /** How many have ended in each way. */
  readonly ended: Record<Outcome['status'], number> = { done: 0, failed: 0, cancelled: 0 };
  /** Attempts under way, those included whose task has settled. */
  attempts = 0;
  readonly #changed: () => void;

  /** `changed` is called when a task has settled or an attempt has ended, and nothing of that kind is left. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  settled(record: TaskRecord, { status }: Outcome): void {
    this.live.delete(record);
    this.ended[status] += 1;
    if (status === 'failed' && this.failed.length < MOST_LISTED) this.failed.push(record);
    if (this.live.size === 0) this.#changed();
  }

  attemptBegan(): void {
    this.attempts += 1;
  }

  attemptEnded(): void {
    this.attempts -= 1;
    if (this.attempts === 0) this.#changed();
  }
}
