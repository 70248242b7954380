/**
 * What is known of each queue and of each function on it: names, exact counts by state, and sums of times.
 *
 * Bounds: so many queues, functions and pairs are told apart; tasks of further ones are counted together under a name of their own.
 */
import { nameOfWork, runCommand } from '../../core/command.js';
import type { TaskFunction } from '../../core/ports.js';
import type { TaskState } from '../../core/outcome.js';
import type { TaskQueue, TaskRecord } from '../../runtime/tasks/task-record.js';
import { STATE } from '../protocol/frames.js';
import type { Counts, FunctionName, FunctionUse, QueueName, QueueUse } from '../protocol/messages.js';
import { Lanes } from './lanes.js';

const MOST_QUEUES = 5_000;
const MOST_FUNCTIONS = 1_000;
const MOST_USES = 0xffff;
const MOST_NAME = 200;
/** A task that has settled has no function any more. */
const FORGOTTEN = '(settled before)';
const OTHER_FUNCTIONS = '(other functions)';
const OTHER_QUEUES = '(other queues)';

/** One queue. @internal */
export class QueueBook {
  readonly index: number;
  readonly name: string;
  /** The queue that has the name now, or had it last. */
  queue: TaskQueue;
  readonly lanes = new Lanes();
  readonly uses = new Map<number, Use>();
  /** The resources as they were told. */
  toldResources: readonly string[];
  #seen: Pick<TaskQueue, 'ledger' | 'isPaused'> | undefined = undefined;

  constructor(index: number, name: string, queue: TaskQueue) {
    this.index = index;
    this.name = name;
    this.queue = queue;
    this.toldResources = queue.resourceNames;
  }

  /** Whether the queue has changed since the last look. A ledger is replaced, never mutated. */
  look(): boolean {
    const { ledger, isPaused } = this.queue;
    if (this.#seen?.ledger === ledger && this.#seen.isPaused === isPaused) return false;
    this.#seen = { ledger, isPaused };
    return true;
  }
}

/** One function on one queue. Times in tenths of a millisecond. @internal */
export class Use {
  readonly index: number;
  readonly book: QueueBook;
  readonly fn: number;
  /** By the number of the state. */
  readonly counts: number[] = Object.keys(STATE).map(() => 0);
  ran = 0;
  ranTenths = 0;
  ranSquared = 0;
  waitedTenths = 0;

  constructor(index: number, book: QueueBook, fn: number) {
    this.index = index;
    this.book = book;
    this.fn = fn;
  }

  /** An attempt has ended. */
  ranFor(tenths: number, waited: number): void {
    this.ran += 1;
    this.ranTenths += tenths;
    this.ranSquared += tenths * tenths;
    this.waitedTenths += waited;
  }
}

/** The books. Finding the use of a task is O(1). @internal */
export class Books {
  readonly queues: QueueBook[] = [];
  readonly functions: FunctionName[] = [];
  readonly uses: Use[] = [];
  /** How often a queue that was known has got other resources. */
  renewals = 0;
  readonly #queueByName = new Map<string, QueueBook>();
  /** Those with one result, and streams. */
  readonly #functionByName = [new Map<string, number>(), new Map<string, number>()] as const;
  #lastFn: TaskFunction | undefined = undefined;
  #lastQueue: unknown = undefined;
  #lastIsStream = false;
  #lastName = '';
  #lastUse: Use | undefined = undefined;

  /** The use that the task counts to; asked at its admission, while it has its function. */
  useOf(task: TaskRecord): Use {
    const { fn, queue, isStream, isSettled } = task;
    const last = queue === this.#lastQueue && isStream === this.#lastIsStream ? this.#lastUse : undefined;
    // One function stands for all commands.
    if (last !== undefined && fn === this.#lastFn && fn !== runCommand) return last;
    const name = isSettled ? FORGOTTEN : nameOfWork(task).slice(0, MOST_NAME) || '(anonymous)';
    this.#lastFn = fn;
    if (last !== undefined && name === this.#lastName) return last;
    const use = this.#useOn(last?.book ?? this.bookOf(queue), this.#functionOf(name, isStream));
    this.#lastQueue = queue;
    this.#lastIsStream = isStream;
    this.#lastName = name;
    this.#lastUse = use;
    return use;
  }

  bookOf(queue: TaskQueue): QueueBook {
    let book = this.#queueByName.get(queue.name);
    if (book === undefined) {
      const isOther = this.queues.length >= MOST_QUEUES;
      const name = isOther ? OTHER_QUEUES : queue.name;
      book = this.#queueByName.get(name);
      if (book === undefined) {
        book = new QueueBook(this.queues.length, name, queue);
        this.queues.push(book);
        this.#queueByName.set(name, book);
      }
    }
    book.queue = queue;
    if (book.toldResources !== queue.resourceNames) {
      book.toldResources = queue.resourceNames;
      this.renewals += 1;
    }
    return book;
  }

  /** Lets go of the last task's function. */
  forget(): void {
    this.#lastFn = undefined;
    this.#lastQueue = undefined;
    this.#lastUse = undefined;
  }

  #functionOf(name: string, isStream: boolean): number {
    const known = this.#functionByName[isStream ? 1 : 0];
    const index = known.get(name);
    if (index !== undefined) return index;
    if (this.functions.length >= MOST_FUNCTIONS && name !== OTHER_FUNCTIONS) {
      return this.#functionOf(OTHER_FUNCTIONS, isStream);
    }
    known.set(name, this.functions.length);
    this.functions.push({ index: this.functions.length, name, isStream });
    return this.functions.length - 1;
  }

  #useOn(book: QueueBook, fn: number): Use {
    let use = book.uses.get(fn);
    if (use === undefined) {
      // All further pairs count to the last one.
      const last = this.uses.at(-1);
      if (last !== undefined && this.uses.length > MOST_USES) return last;
      use = new Use(this.uses.length, book, fn);
      this.uses.push(use);
      book.uses.set(fn, use);
    }
    return use;
  }

  queueNames(from = 0): QueueName[] {
    return this.queues.slice(from).map(({ index, name, queue }) => ({
      index,
      name,
      order: queue.order.name,
      resources: queue.resourceNames,
    }));
  }

  queueUses(): QueueUse[] {
    return this.queues.map(({ index, queue, uses }) => {
      const { slotsTaken, slots, taken, capacity } = queue.ledger;
      return {
        queue: index,
        slotsTaken,
        slots: Number.isFinite(slots) ? slots : null,
        taken: capacity.map((_, resource) => taken[resource] ?? 0),
        capacity,
        isPaused: queue.isPaused,
        counts: countsOf([...uses.values()]),
      };
    });
  }

  functionUses(): FunctionUse[] {
    return this.uses.map((use) => ({
      fn: use.fn,
      queue: use.book.index,
      counts: countsOf([use]),
      ran: use.ran,
      ranMs: use.ranTenths / 10,
      ranSquaredMs: use.ranSquared / 100,
      waitedMs: use.waitedTenths / 10,
    }));
  }
}

function countsOf(uses: readonly Use[]): Counts {
  const sum = (state: TaskState): number => uses.reduce((total, { counts }) => total + (counts[STATE[state]] ?? 0), 0);
  return {
    pending: sum('pending'),
    ready: sum('ready'),
    running: sum('running'),
    partial: sum('partial'),
    done: sum('done'),
    failed: sum('failed'),
    cancelled: sum('cancelled'),
  };
}
