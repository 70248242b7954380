/** A scheduler whose executor does what commands say, with the checker beside it. */
import type { Attempt, Executor } from '../core/ports.js';
import { SchedulerError, TaskEvicted } from '../core/failures.js';
import { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import type { Finding } from './checked-run.js';
import { Checker } from './checker.js';
import { listen, type ToldEvent } from './listen.js';
import { PromisedOutcomes } from './promised-outcomes.js';
import { atEnd } from './rest.js';
import type { Scenario, ScenarioTask } from './scenario-shape.js';
import { SimulatedClock } from './simulated-clock.js';
import { namesIn } from './simulated-executor.js';
import { addQueues, SubmittedTasks } from './submitted-tasks.js';
import type { TraceEvent } from './trace.js';

/** The scheduler does all it does in microtasks; so many are enough for everything that one command leads to. */
const TURNS = 20;
/** How many events an error tells. */
const MOST_TOLD = 40;

/**
 * What commands act on; made by `runCommands`.
 *
 * @public
 */
export class CommandedRun {
  readonly #trace: TraceEvent[] = [];
  readonly #checker: Checker;
  readonly #scheduler: Scheduler;
  readonly #handles: SubmittedTasks;
  readonly #outcomes: PromisedOutcomes;
  readonly #toSubmit: ScenarioTask[];
  /** Attempts that have not ended, with the number of partial results that they have delivered. */
  readonly #running = new Map<Attempt, number>();
  /** Of these, the attempts whose functions have not been called: every second is kept waiting, and asked for when a command says so. */
  readonly #waiting = new Set<Attempt>();
  readonly #ended: Attempt[] = [];
  readonly #partials: ReadonlyMap<string, number>;
  #finding: Finding | undefined = undefined;
  #closing: 'going on' | 'over' | undefined = undefined;
  #starts = 0;
  #stops = 0;

  /** @internal */
  constructor(scenario: Scenario, options: Pick<SchedulerOptions, 'interpreter'>) {
    this.#toSubmit = [...scenario.tasks];
    this.#partials = new Map(scenario.tasks.map(({ id, partials = 0 }) => [id, partials]));
    this.#checker = new Checker(scenario.queues, {
      isFull: true,
      violated: (finding) => {
        this.#finding ??= finding;
      },
    });
    if (scenario.queues.some(({ rate, rateByKey }) => rate !== undefined || rateByKey !== undefined))
      throw new SchedulerError('InvalidArgument', 'a graph that is run by commands has no rates, as no time passes');
    // No time passes, and what is left in the end is for the checks to judge, not for the process to report.
    this.#scheduler = new Scheduler({ ...options, _environment: { clock: new SimulatedClock(), random: () => 0 } });
    const executor: Executor = {
      name: 'commanded',
      run: (attempt) => {
        this.#running.set(attempt, 0);
        this.#starts += 1;
        if (this.#starts % 2 === 0) this.#waiting.add(attempt);
        this.#tell({ event: 'start', id: attempt.id, attempt: attempt.attempt, inputs: namesIn(attempt.args) });
      },
      // It ends when a command says so.
      abort: ({ id, attempt }, reason) => {
        if (reason instanceof TaskEvicted) this.#tell({ event: 'evict', id, attempt });
      },
      close: () => Promise.resolve(),
    };
    addQueues(this.#scheduler, scenario.queues, executor);
    this.#handles = new SubmittedTasks(this.#scheduler);
    this.#outcomes = new PromisedOutcomes(this.#checker, this.#handles);
    listen(this.#scheduler, (event) => this.#tell(event));
  }

  /** @internal Submits the next tasks of the graph in one burst. */
  submit(count: number): boolean {
    const burst = this.#closing === undefined ? this.#toSubmit.splice(0, count) : [];
    for (const task of burst) {
      this.#trace.push({ at: this.#trace.length, event: 'submit', id: task.id });
      this.#checker.submit(task);
      this.#handles.submit(task);
      this.#outcomes.add(task);
    }
    return burst.length > 0;
  }

  /** @internal */
  start(): boolean {
    if (this.#closing !== undefined) return false;
    this.#tell({ event: 'resume' });
    this.#scheduler.start();
    return true;
  }

  /** @internal */
  stop(): boolean {
    if (this.#closing !== undefined) return false;
    const call = this.#stops;
    this.#stops += 1;
    this.#tell({ event: 'stop', call });
    void this.#scheduler.stop().then(() => this.#tell({ event: 'stopped', call }));
    return true;
  }

  /** @internal */
  close(): boolean {
    if (this.#closing !== undefined) return false;
    this.#closing = 'going on';
    const over = (): void => void (this.#closing = 'over');
    // It rejects with the failures, which are looked at elsewhere.
    this.#scheduler.close().then(over, over);
    return true;
  }

  /** @internal One of the attempts that were kept waiting begins, if it still may. */
  begin(pick: number): boolean {
    const waiting = [...this.#waiting];
    const attempt = waiting[pick % waiting.length];
    if (attempt !== undefined) this.#begin(attempt);
    return attempt !== undefined;
  }

  /** @internal One of the running streams delivers its next partial result. */
  deliver(pick: number): boolean {
    const streams = [...this.#running].filter(([{ id }, delivered]) => delivered < (this.#partials.get(id) ?? 0));
    const [attempt, index] = streams[pick % streams.length] ?? [];
    if (attempt === undefined || index === undefined) return false;
    if (!this.#begin(attempt)) return true;
    this.#running.set(attempt, index + 1);
    const { id } = attempt;
    this.#tell({ event: 'report', id: `${id}#${index}`, attempt: attempt.attempt });
    void attempt.partial(`${id}#${index}`);
    return true;
  }

  /** @internal One of the running attempts ends. A stream that ends well delivers what is left of it before. */
  end(pick: number, as: 'done' | 'failed'): boolean {
    const running = [...this.#running.keys()];
    const attempt = running[pick % running.length];
    if (attempt === undefined) return false;
    if (!this.#begin(attempt)) return true;
    if (as === 'done') this.#deliverAll(attempt);
    this.#running.delete(attempt);
    this.#ended.push(attempt);
    this.#report(attempt, as);
    return true;
  }

  /** @internal An attempt that has ended reports another end, which must change nothing. */
  repeat(pick: number): boolean {
    const attempt = this.#ended[pick % this.#ended.length];
    if (attempt === undefined) return false;
    this.#report(attempt, pick % 2 === 0 ? 'done' : 'failed');
    return true;
  }

  /** @internal */
  cancel(pick: number): boolean {
    const { ids } = this.#handles;
    const id = ids[pick % ids.length];
    if (id === undefined || !this.#handles.cancel(id)) return false;
    this.#tell({ event: 'cancel', id });
    return true;
  }

  /** @internal Waits until nothing more happens by itself, and compares. */
  async compare(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
    this.#checker.rest();
    this.#outcomes.judge();
    for (const moved of this.#handles.moved()) this.#tell(moved);
    for (const { name, _view: view } of this.#scheduler.queues.values()) {
      const { taken: slots, amounts: resources } = view;
      this.#checker.take({ at: 0, event: 'ledger', queue: name, slots, resources });
    }
    this.#judge();
  }

  /** @internal Brings everything to its end. */
  async finish(): Promise<void> {
    this.submit(this.#toSubmit.length);
    this.start();
    await this.compare();
    while (this.end(0, 'done')) await this.compare();
    atEnd(this.#checker);
    this.close();
    await this.compare();
    const { live } = this.#checker.model;
    const { state } = this.#scheduler;
    const isOver = this.#closing === 'over' && state === 'closed' && live.size === 0;
    const text = (): string =>
      `close() is ${this.#closing}, the scheduler is ${state}, and ${live.size} tasks are left`;
    this.#checker.judge('progress', isOver, text, [...live]);
    this.#judge();
  }

  /** Returns whether its function runs. */
  #begin(attempt: Attempt): boolean {
    if (!this.#waiting.delete(attempt)) return true;
    const { id, attempt: number } = attempt;
    this.#tell({ event: 'ask', id, attempt: number });
    const mayBegin = attempt.begins?.() !== false;
    if (mayBegin) this.#tell({ event: 'begin', id, attempt: number });
    else this.#running.delete(attempt);
    return mayBegin;
  }

  #deliverAll(attempt: Attempt): void {
    const count = this.#partials.get(attempt.id) ?? 0;
    for (let index = this.#running.get(attempt) ?? 0; index < count; index += 1) {
      this.#tell({ event: 'report', id: `${attempt.id}#${index}`, attempt: attempt.attempt });
      void attempt.partial(`${attempt.id}#${index}`);
    }
  }

  #report(attempt: Attempt, as: 'done' | 'failed'): void {
    const { id, attempt: number } = attempt;
    this.#tell({ event: 'end', id, attempt: number, as });
    if (as === 'done') attempt.done(this.#handles.resultOf(attempt));
    else attempt.failed(new Error(`attempt ${number} of ${id} failed`));
  }

  #tell(told: ToldEvent): void {
    const event: TraceEvent = { at: this.#trace.length, ...told };
    this.#trace.push(event);
    this.#checker.take(event);
  }

  #judge(): void {
    if (this.#finding === undefined) return;
    const { invariant, message } = this.#finding;
    const told = this.#trace.slice(-MOST_TOLD).map((event) => JSON.stringify(event));
    throw new Error(`${invariant}: ${message}\n${told.join('\n')}`);
  }
}
