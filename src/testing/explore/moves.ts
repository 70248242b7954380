/**
 * What can come from outside in a state: reports of functions, the ends of pauses, and what users ask for. The bounds say how
 * much of it; a function that runs can always deliver and end, and a stopped scheduler can always be started.
 */
import { elementAt } from '../../core/element-at.js';
import { COUNTED } from './bounds.js';
import type { TaskPlan } from './graph.js';
import type { LateReport, SchedulerInput, TaskInput, ToTask } from './messages.js';
import { isOver, type SchedulerData } from './scheduler-data.js';
import type { System } from './system.js';
import { isSettled, type TaskData } from './task-data.js';

/** One thing that can happen. @internal */
export interface Move {
  /** The receiver, as a number of the system. */
  readonly process: number;
  readonly message: number;
  /** What is added to the count. */
  readonly cost: number;
  /** Whether it belongs to the ordinary course of things, which leads to the end of all tasks: no failure and no wish of a user. */
  readonly isProgress: boolean;
}

type Counted = (typeof COUNTED)[number];

/** A number of 0 to 15 for each of `COUNTED`, in one. */
const DIGIT = 4;

/** The moves of one system. A list of moves depends on little, and is made once. @internal */
export class Moves {
  readonly #system: System;
  readonly #ofTasks: Map<number, readonly Move[]>[];
  readonly #ofScheduler = new Map<number, readonly Move[]>();
  readonly #limits: ReadonlyMap<number, number>;

  constructor(system: System) {
    this.#system = system;
    this.#limits = new Map(COUNTED.map((name, at) => [1 << (DIGIT * at), system.bounds[name]]));
    this.#ofTasks = system.plan.tasks.map(() => new Map<number, readonly Move[]>());
  }

  /** Calls `take` for each move that the count of `vector` allows. */
  each(vector: Int32Array, take: (move: Move) => void): void {
    const { scheduler, counted } = this.#system;
    const spent = vector[counted] ?? 0;
    const number = vector[scheduler] ?? -1;
    let moves = this.#ofScheduler.get(number);
    if (moves === undefined) {
      moves = this.#schedulerMoves(this.#system.schedulerData(vector));
      this.#ofScheduler.set(number, moves);
    }
    for (const move of moves) if (this.#isAllowed(spent, move)) take(move);
    const data = this.#system.schedulerData(vector);
    for (let task = 0; task < this.#ofTasks.length; task += 1) {
      const known = elementAt(this.#ofTasks, task);
      const key = (vector[task] ?? -1) * 8 + conditionsOf(data, task);
      let list = known.get(key);
      if (list === undefined) {
        list = this.#taskMoves(task, this.#system.taskData(vector, task), data);
        known.set(key, list);
      }
      for (const move of list) if (this.#isAllowed(spent, move)) take(move);
    }
  }

  /** Whether nothing more of that kind may happen. */
  isSpent(vector: Int32Array, counts: Counted): boolean {
    return !this.#isAllowed(vector[this.#system.counted] ?? 0, { cost: costOf(counts) });
  }

  #isAllowed(spent: number, { cost }: Pick<Move, 'cost'>): boolean {
    if (cost === 0) return true;
    // The cost is 1 in the digit of what it counts for.
    return Math.floor(spent / cost) % 16 < (this.#limits.get(cost) ?? 0);
  }

  #move(
    process: number,
    message: TaskInput | ToTask | SchedulerInput,
    counts?: Counted,
    isProgress = counts === undefined,
  ): Move {
    const cost = counts === undefined ? 0 : costOf(counts);
    return { process, message: this.#system.messages.numberOf(message), cost, isProgress };
  }

  #taskMoves(task: number, data: TaskData, scheduler: SchedulerData): readonly Move[] {
    const plan = this.#system.plan.tasks[task];
    if (plan === undefined || scheduler.tasks[task]?.phase === 'absent') return [];
    const moves: Move[] = [];
    const add = (message: TaskInput | ToTask, counts?: Counted): void =>
      void moves.push(this.#move(task, message, counts));
    this.#addReports(plan, data, scheduler, add);
    for (const attempt of data.ending)
      for (const report of this.#lateReports(plan)) add({ type: 'late', attempt, report });
    if (data.isPaused) add({ type: 'pause ends' });
    if (!isSettled(data)) add({ type: 'cancel' }, 'cancels');
    return moves;
  }

  #addReports(
    plan: TaskPlan,
    data: TaskData,
    { state }: SchedulerData,
    add: (message: TaskInput, counts?: Counted) => void,
  ): void {
    const { run } = data;
    if (run === undefined || run.hasEnded) return;
    // A closing scheduler tries nothing again.
    const isRetried = data.failures + 1 < plan.attempts && state !== 'closing' && state !== 'closed';
    if (this.#system.bounds.timeouts > 0) add({ type: 'times out', isRetried }, 'timeouts');
    if (this.#system.bounds.evictions > 0) add({ type: 'evicted' }, 'evictions');
    if (!run.hasBegun) {
      add({ type: state === 'stopped' ? 'withdrawn' : 'begins' });
      return;
    }
    if (run.reported < plan.partials) add({ type: 'partial' });
    else add({ type: plan.follows === undefined ? 'done' : 'follows' });
    add({ type: 'fails', isRetried }, 'failures');
  }

  /** In one process, what a dropped attempt reports besides its end does not get as far as the chart. */
  #lateReports({ partials }: TaskPlan): readonly LateReport[] {
    if (this.#system.bounds.granularity === 'macro') return ['done'];
    return partials > 0 ? [...LATE, 'partial'] : LATE;
  }

  #schedulerMoves(data: SchedulerData): readonly Move[] {
    const { bounds, plan, scheduler } = this.#system;
    const { state, isClosed } = data;
    const moves: Move[] = [];
    const add = (message: SchedulerInput, counts?: Counted, isProgress?: boolean): void =>
      void moves.push(this.#move(scheduler, message, counts, isProgress));
    if (state === 'stopped' && !isClosed) add({ type: 'start' });
    const isRunning = state === 'busy' || state === 'idle' || state === 'stalled' || state === 'draining';
    if (isRunning) add({ type: 'stop' }, 'stops');
    if (bounds.closes !== false && !isClosed) add({ type: 'close' }, undefined, false);
    if (bounds.closes === 'or terminates' && state !== 'closing' && state !== 'closed') {
      add({ type: 'terminate' }, undefined, false);
    }
    for (const [queue, { isPaused, ledger }] of data.queues.entries()) {
      if (state === 'closing' || state === 'closed') break;
      const { slots } = plan.queues[queue] ?? { slots: 1 };
      if (slots > 1 && !isClosed) add({ type: 'limits', queue, slots: ledger.slots === 1 ? slots : 1 }, 'limits');
      if (isPaused) add({ type: 'resume', queue });
      else if (isRunning && !isClosed) add({ type: 'pause', queue }, 'pauses');
    }
    for (const [task, { submittedWhen }] of plan.tasks.entries()) {
      if (isClosed || data.tasks[task]?.phase !== 'absent') continue;
      if (submittedWhen === undefined) {
        add({ type: 'submit', task });
        // One after the other, as listed.
        break;
      }
      const awaited = data.tasks[submittedWhen.task];
      if (awaited === undefined || !isOver(awaited)) continue;
      if (submittedWhen.is === 'settled' || awaited.phase === 'done') add({ type: 'submit', task });
    }
    return moves;
  }
}

function costOf(counts: Counted): number {
  return 1 << (DIGIT * COUNTED.indexOf(counts));
}

const LATE: readonly LateReport[] = ['done', 'failed', 'timed out', 'evicted'];

/** What the moves of a task depend on besides its own data. */
function conditionsOf({ state, tasks }: SchedulerData, task: number): number {
  const isAbsent = tasks[task]?.phase === 'absent';
  return (isAbsent ? 4 : 0) + (state === 'stopped' ? 1 : state === 'closing' || state === 'closed' ? 2 : 0);
}
