/**
 * A task as a process: its statechart, and what the runtime keeps beside it: the attempt under way, the attempts that were
 * dropped and have not ended, and the number of failures. It mirrors src/runtime/tasks/attempts.ts and attempt.ts, with
 * one difference: reports of dropped attempts reach the chart, which is the fence.
 *
 * Invariant: a step depends on nothing but the task's data and the message.
 */
import type { TaskContextData, TaskEvent } from '../../../machines/task.js';
import type { ChartSteps } from './chart-steps.js';
import type { TaskPlan } from './graph.js';
import type { ExploredInvariant, Fault } from './invariants.js';
import type { FromTask, News, TaskInput, ToTask } from './messages.js';
import { taskFaults } from './task-check.js';
import { contextOf, FINAL, isSettled, type Run, type TaskData } from './task-data.js';

/** What a task does with a message. @internal */
export interface TaskStep {
  readonly data: TaskData;
  readonly message: FromTask | undefined;
  readonly faults: readonly Fault[];
  /** The state and the event that its chart was given, for the count of what has been exercised. */
  readonly pair: readonly [string, string] | undefined;
}

/** How tasks are tried in an exploration. @internal */
export interface TaskRules {
  readonly backoff: boolean;
  readonly lateBegin: boolean;
}

const LIVE: ReadonlySet<string> = new Set(['running', 'partial']);

/** What the effects of one step do to the data, and what is told to the scheduler. */
class Draft {
  run: Run | undefined;
  ending: number[];
  isPaused: boolean;
  news: News | undefined = undefined;
  ended = 0;
  readonly faults: Fault[] = [];
  /** The function is called as soon as its start is granted. */
  mayBegin = false;

  constructor({ run, ending, isPaused }: TaskData) {
    this.run = run;
    this.ending = [...ending];
    this.isPaused = isPaused;
  }

  fault(invariant: ExploredInvariant, what: string): void {
    this.faults.push({ invariant, what });
  }

  carryOut(effect: string, attempt: number, value: string): void {
    switch (effect) {
      case 'announceReady':
        this.news = 'ready';
        break;
      case 'startAttempt':
        if (this.run !== undefined) this.fault('one-attempt', 'another attempt starts while one is under way');
        this.run = { attempt, hasBegun: this.mayBegin, hasEnded: false, reported: 0 };
        break;
      case 'deliverPartial':
        this.news = 'partial';
        break;
      case 'dropAttempt':
        if (this.run !== undefined && !this.run.hasEnded) {
          this.ending = [...this.ending, this.run.attempt].sort((a, b) => a - b);
          this.run = undefined;
        }
        break;
      case 'goBack':
        this.news = 'ready';
        this.#detach();
        break;
      case 'pause':
        this.news = 'paused';
        this.isPaused = true;
        this.#detach();
        break;
      case 'follow':
        this.news = 'following';
        this.#detach();
        break;
      case 'settle':
        this.news = FINAL.find((state) => state === value) ?? this.news;
        this.isPaused = false;
        this.#detach();
        break;
      default:
    }
  }

  /** The slot of an attempt that has ended is free. One that has not ended keeps it; nothing may have lost sight of it then. */
  #detach(): void {
    if (this.run?.hasEnded !== true) return;
    this.ended += 1;
    this.run = undefined;
  }
}

/** The step of task number `task`. @internal */
export function stepTask(
  task: number,
  plan: TaskPlan,
  rules: TaskRules,
  chart: ChartSteps<TaskContextData>,
  data: TaskData,
  message: ToTask | TaskInput,
): TaskStep {
  const draft = new Draft(data);
  let { failures } = data;
  const { run } = data;
  const told = (event: TaskEvent | undefined): TaskStep => {
    // As in the runtime, a settled task takes no step: what comes now is stale.
    const isStale = isSettled(data);
    const step = event === undefined || isStale ? undefined : chart.step(data.value, contextOf(data), event);
    if (step !== undefined && event !== undefined) draft.faults.push(...taskFaults(data, event, step));
    const value = typeof step?.value === 'string' ? step.value : data.value;
    for (const effect of step?.effects ?? []) draft.carryOut(effect, step?.context.attempt ?? 0, value);
    const after: TaskData = {
      value,
      attempt: step?.context.attempt ?? data.attempt,
      delivered: step?.context.delivered ?? data.delivered,
      status: step === undefined ? data.status : step.context.outcome?.status,
      run: draft.run,
      ending: draft.ending,
      failures,
      isPaused: draft.isPaused,
    };
    if (after.run !== undefined && !LIVE.has(after.value)) {
      draft.fault(
        'one-attempt',
        `the attempt goes on, though the task is ${after.value}, and has not been told to end`,
      );
    }
    const { news, ended, faults } = draft;
    const isNews = news !== undefined || ended > 0;
    const { delivered, attempt } = after;
    return {
      data: after,
      message: isNews ? { type: 'task', task, news, delivered, attempt, ended } : undefined,
      faults,
      pair: step === undefined || event === undefined ? undefined : [data.value, event.type],
    };
  };
  /** A report of the attempt under way that ends it. */
  const end = (event: TaskEvent): TaskStep => {
    if (draft.run !== undefined) draft.run = { ...draft.run, hasEnded: true };
    return told(event);
  };
  /** Another attempt follows while the task may fail again. */
  const verdict = (isRetried: boolean) => {
    failures += 1;
    return isRetried ? { retryInMs: rules.backoff ? 1 : 0 } : {};
  };
  const attempt = run?.attempt ?? 0;

  switch (message.type) {
    case 'satisfied':
      return told({ type: 'dependencies.satisfied' });
    case 'doomed':
      return told({ type: 'dependency.failed', error: null });
    case 'followed':
      return told({ type: 'followed.done', result: null });
    case 'cancel':
      return told({ type: 'cancel.requested', reason: null });
    case 'granted':
    case 'granted late':
      // A start that comes too late is given back.
      if (isSettled(data)) draft.ended += 1;
      draft.mayBegin = message.type === 'granted' && !rules.lateBegin;
      return told({ type: 'start.granted' });
    case 'begins':
      if (draft.run !== undefined) draft.run = { ...draft.run, hasBegun: true };
      return told(undefined);
    case 'withdrawn':
      return end({ type: 'start.withdrawn', attempt });
    case 'partial': {
      const reported = (run?.reported ?? 0) + 1;
      if (draft.run !== undefined) draft.run = { ...draft.run, reported };
      return told(reported > data.delivered ? { type: 'partial.delivered', attempt, value: null } : undefined);
    }
    case 'done':
      return end({ type: 'attempt.done', attempt, result: null });
    case 'follows':
      return end({ type: 'attempt.followed', attempt });
    case 'fails':
      return end({ type: 'attempt.failed', attempt, error: null, ...verdict(message.isRetried) });
    case 'times out':
      return told({ type: 'attempt.timedOut', attempt, error: null, ...verdict(message.isRetried) });
    case 'evicted':
      return told({ type: 'evict.requested', attempt, error: null, isDropped: false });
    case 'pause ends':
      draft.isPaused = false;
      return told({ type: 'pause.ended' });
    case 'late':
      return told(late(draft, message));
  }
}

/** What an attempt reports that was dropped: its end gives its slot back, and nothing else counts. */
function late(draft: Draft, { attempt, report }: Extract<TaskInput, { type: 'late' }>): TaskEvent {
  if (report === 'done' || report === 'failed') {
    draft.ending = draft.ending.toSpliced(draft.ending.indexOf(attempt), 1);
    draft.ended += 1;
  }
  switch (report) {
    case 'partial':
      return { type: 'partial.delivered', attempt, value: null };
    case 'done':
      return { type: 'attempt.done', attempt, result: null };
    case 'failed':
      return { type: 'attempt.failed', attempt, error: null, retryInMs: 0 };
    case 'timed out':
      return { type: 'attempt.timedOut', attempt, error: null };
    case 'evicted':
      return { type: 'evict.requested', attempt, error: null, isDropped: false };
  }
}
