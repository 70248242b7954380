/** The data of a task of an exploration. */
import type { TaskContextData } from '../../../machines/task.js';

/** The attempt under way. @internal */
export interface Run {
  readonly attempt: number;
  /** The function has been called. */
  readonly hasBegun: boolean;
  readonly hasEnded: boolean;
  /** Partial results that it has reported, those included that an earlier attempt had delivered. */
  readonly reported: number;
}

/** The data of a task. @internal */
export interface TaskData {
  readonly value: string;
  readonly attempt: number;
  readonly delivered: number;
  readonly status: 'done' | 'failed' | 'cancelled' | undefined;
  readonly run: Run | undefined;
  /** Numbers of the attempts that were dropped and have not ended, ascending. */
  readonly ending: readonly number[];
  /** Attempts that failed or timed out. */
  readonly failures: number;
  readonly isPaused: boolean;
}

/** The final states. @internal */
export const FINAL = ['done', 'failed', 'cancelled'] as const;

/** @internal */
export const NEW_TASK: TaskData = {
  value: 'pending',
  attempt: 0,
  delivered: 0,
  status: undefined,
  run: undefined,
  ending: [],
  failures: 0,
  isPaused: false,
};

/** @internal */
export const isSettled = ({ value }: TaskData): boolean => FINAL.some((state) => state === value);

/** Whether an attempt that counts is under way. @internal */
export const isLive = ({ value }: TaskData): boolean => value === 'running' || value === 'partial';

/** The context of the task's chart. @internal */
export function contextOf({ attempt, delivered }: TaskData): TaskContextData {
  return { id: '', queue: '', attempt, delivered, outcome: undefined };
}
