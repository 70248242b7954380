/** What a handle can ask of the engine behind it. */
import type { TaskActorRef, TaskRecord } from './task-record.js';
import type { Why } from './why.js';

export interface TaskService {
  /** Calls `settled` once, when the task has settled. */
  watchEnd(record: TaskRecord, settled: () => void): void;
  /** Calls `seen` once: when that partial result has been delivered, or the task has settled without it. */
  watchPartial(record: TaskRecord, index: number, seen: () => void): void;
  /** Somebody asks how the task ends: its failure is no longer unnoticed. */
  lookAt(record: TaskRecord): void;
  cancel(record: TaskRecord, reason: unknown): boolean;
  actorOf(record: TaskRecord): TaskActorRef;
  countStale(): void;
  why(record: TaskRecord, index: number): Why;
}
