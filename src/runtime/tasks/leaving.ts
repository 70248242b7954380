/** Readers that leave before the end: what becomes of the task that they read from. */
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';
import { isNeeded } from './cancellation.js';
import type { TaskRecord } from './task-record.js';

/**
 * What leaving an iteration early does.
 *
 * @public
 */
export interface LeaveOptions {
  /**
   * Whether leaving the loop before its end cancels the tasks that nothing else needs: no unsettled task depends on them, no caller
   * waits for their end and nothing else reads from them. Default: false, the tasks go on.
   */
  readonly cancelOnReturn?: boolean;
}

const NAMES = { cancelOnReturn: true } satisfies Record<keyof LeaveOptions, true>;

/** @throws SchedulerError `InvalidOption`, naming what is wrong. @internal */
export function checkedLeaveOptions(owner: string, options: unknown): Required<LeaveOptions> {
  checkOptionNames(owner, options, NAMES);
  const { cancelOnReturn = false } = options;
  if (typeof cancelOnReturn !== 'boolean') {
    throw new SchedulerError('InvalidOption', `cancelOnReturn must be true or false, got ${shown(cancelOnReturn)}`);
  }
  return { cancelOnReturn };
}

/** A reader of the task has left: cancels the task unless something else needs it. @internal */
export function cancelUnneeded(record: TaskRecord): void {
  if (record.isSettled || record.flow?.isRead === true || isNeeded(record)) return;
  record.queue.service.cancel(record, { reason: 'its reader has left' });
}
