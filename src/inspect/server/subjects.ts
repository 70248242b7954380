/** The actors that can be watched: a task, a queue, the scheduler, each as far as its details need it. */
import { wordsOfCommand } from '../../core/command.js';
import { WHOLE } from '../../core/order/graph-node.js';
import type { Engine } from '../../runtime/engine.js';
import type { ChartState } from '../../runtime/statecharts/chart.js';
import { Handle } from '../../runtime/tasks/handle.js';
import type { TaskQueue, TaskRecord } from '../../runtime/tasks/task-record.js';
import type { Watched } from '../protocol/messages.js';
import type { Recorder } from '../recorder/recorder.js';
import { neighbourOf } from './neighbours.js';

/** @internal */
export interface Subject {
  readonly machine: 'task' | 'queue' | 'scheduler';
  readonly id: string;
  /** The task, as long as it has not settled. */
  readonly record?: TaskRecord | undefined;
  /** The value of its statechart. */
  readonly state: () => ChartState['value'];
  readonly context: () => Readonly<Record<string, unknown>>;
  readonly why: () => string;
  /** Calls back with each message from now on. Returns what ends it. */
  readonly watch: (received: (type: string, isTaken: boolean, from: string | undefined) => void) => () => void;
}

const nothing = (): void => undefined;

/** @internal */
export function subjectOf(actor: Watched, recorder: Recorder): Subject {
  const { engine } = recorder;
  switch (actor.kind) {
    case 'task': {
      const record = engine.unsettled.newestFirst().find(({ seq }) => seq === actor.task);
      return record === undefined ? settledTask(actor.task, recorder) : task(record, engine);
    }
    case 'queue': {
      const { queues } = recorder.recording.books;
      const book = queues[actor.queue];
      return book === undefined ? unknown('queue', `queue ${actor.queue}`) : queue(book.queue, engine);
    }
    case 'scheduler':
      return scheduler(engine);
  }
}

function task(record: TaskRecord, engine: Engine): Subject {
  return {
    machine: 'task',
    id: record.id,
    record,
    state: () => record.chartState.value,
    context: () => {
      const { id, attempt, delivered, outcome } = record;
      const command = record.isSettled ? undefined : wordsOfCommand(record.args, shownArg);
      return { id, queue: record.queue.name, ...(command && { command }), attempt, delivered, outcome };
    },
    why: () => engine.why(record, WHOLE).message,
    watch: (received) => engine.cells.watch(record, ({ type }, isTaken, from) => received(type, isTaken, from)),
  };
}

/** A handle among the arguments of a command stands for a result. */
function shownArg(arg: unknown): unknown {
  return Handle._is(arg) ? `(result of ${arg.id})` : arg;
}

/** Of a task that has settled, only what was recorded is known. */
function settledTask(number: number, { recording }: Recorder): Subject {
  const known = neighbourOf(recording, number);
  if (known === undefined) return unknown('task', recording.idOf(number));
  const { id, state, queue: index } = known;
  return {
    machine: 'task',
    id,
    state: () => state,
    context: () => ({ id, queue: recording.books.queues[index]?.name, state }),
    why: () => `task ${id} is ${state}`,
    watch: () => nothing,
  };
}

function queue(of: TaskQueue, engine: Engine): Subject {
  const state = engine.queues.find(({ name }) => name === of.name);
  if (state === undefined) return unknown('queue', of.name);
  return {
    machine: 'queue',
    id: state.name,
    state: () => state.chartState.value,
    context: () => ({ name: state.name, ledger: state.ledger }),
    why: () => {
      const { ledger, tally, isPaused } = state;
      const slots = Number.isFinite(ledger.slots) ? `of ${ledger.slots} slots` : 'slots, of any number';
      const paused = isPaused ? '; it is paused: nothing of it starts' : '';
      return `queue ${state.name} has ${ledger.slotsTaken} ${slots} taken, and ${tally.unsettled} tasks that have not settled${paused}`;
    },
    watch: (received) => engine.queueCells.watch(state, ({ type }, isTaken, from) => received(type, isTaken, from)),
  };
}

function scheduler({ cell, lifecycle, unsettled, attempts, queues }: Engine): Subject {
  return {
    machine: 'scheduler',
    id: cell.actor.id,
    state: () => cell.chartState.value,
    context: () => ({
      state: lifecycle.state,
      unsettled: unsettled.count,
      running: attempts.running,
      queues: queues.map(({ name }) => name),
    }),
    why: () =>
      `the scheduler is ${lifecycle.state}; ${unsettled.count} tasks have not settled, ${attempts.running} attempts run`,
    watch: (received) => {
      cell.watcher = ({ type }, isTaken, from) => received(type, isTaken, from);
      return () => {
        cell.watcher = undefined;
      };
    },
  };
}

/** What is not known, or no longer. */
function unknown(machine: Subject['machine'], id: string): Subject {
  return {
    machine,
    id,
    state: () => '',
    context: () => ({}),
    why: () => `${machine} ${id} is not known any more`,
    watch: () => nothing,
  };
}
