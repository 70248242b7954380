/**
 * The real scheduler, driven by the inputs of an exploration: each is played on a scheduler whose executor and clock wait for
 * the test, and what can be seen of the scheduler is put beside the explored state.
 */
import { type Handle, Scheduler, StreamHandle } from '../../src/index.js';
import type { Attempt } from '../../src/core/ports.js';
import { WHOLE } from '../../src/core/order/graph-node.js';
import type { TaskPlan } from '../../src/testing/explore/graph.js';
import type { Message } from '../../src/testing/explore/messages.js';
import { innermost } from '../../src/testing/explore/scheduler-data.js';
import type { System } from '../../src/testing/explore/system.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { ManualExecutor } from './manual-executor.js';

/** Only task 0 may time out or pause, so that the next deadline is always its own. */
const TIMED = 0;
const TIMEOUT_MS = 1000;
const BACKOFF_MS = 500;

/** What is seen of a scheduler, and told of an explored state. */
export interface Sight {
  readonly scheduler: string;
  readonly tasks: readonly (string | undefined)[];
  /** Of each attempt that was started, how many of its reports count. */
  readonly attempts: readonly number[];
  readonly queues: readonly {
    readonly value: unknown;
    readonly slotsTaken: number;
    readonly taken: readonly number[];
  }[];
  /** Attempts that have been told to end and have not, as `id attempt`. */
  readonly ending: readonly string[];
}

/** One run of the real scheduler. */
export class ExploredRun {
  readonly #system: System;
  readonly #executor = new ManualExecutor();
  readonly #clock = new SimulatedClock();
  readonly #scheduler: Scheduler;
  readonly #handles: (Handle<unknown> | undefined)[];
  readonly #ended = new Set<Attempt>();
  readonly #aborted = new Set<Attempt>();
  #turn: (() => void) | undefined;

  constructor(system: System, interpreter: 'compiled' | 'xstate') {
    this.#system = system;
    const { plan, bounds } = system;
    this.#executor.abort = (attempt) => void this.#aborted.add(attempt);
    this.#scheduler = new Scheduler({
      interpreter,
      onFailure: bounds.onFailure,
      _environment: { clock: this.#clock, random: () => 0 },
      _turn: (callback) => {
        this.#turn = callback;
      },
    });
    for (const { name, slots, resourceNames, capacity, isFifo } of plan.queues) {
      this.#scheduler.queue(name, {
        concurrency: slots,
        executor: this.#executor,
        order: isFifo ? 'fifo' : 'newest',
        resources: Object.fromEntries(resourceNames.map((resource, at) => [resource, capacity[at] ?? 0])),
      });
    }
    this.#handles = plan.tasks.map(() => undefined);
    if (!bounds.lateSubmit) {
      for (const [task, { submittedWhen }] of plan.tasks.entries()) if (submittedWhen === undefined) this.#submit(task);
    }
    this.#endTurn();
  }

  /** Plays an input; a closing scheduler closes its executors in turns of the event loop. */
  async play(process: number, message: Message): Promise<void> {
    this.#do(process, message);
    this.#endTurn();
    if (this.#system.bounds.closes !== false) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  see(): Sight {
    const { plan } = this.#system;
    return {
      scheduler: this.#scheduler.state,
      tasks: this.#handles.map((handle) => handle?.state),
      attempts: this.#handles.map((handle) => handle?.actor.getSnapshot().context.attempt ?? 0),
      queues: plan.queues.map(({ name, capacity }) => {
        const { value, context } = this.#queue(name).actor.getSnapshot();
        const { slotsTaken, taken } = context.ledger;
        return { value, slotsTaken, taken: capacity.map((_, at) => taken[at] ?? 0) };
      }),
      ending: [...this.#aborted]
        .filter((attempt) => !this.#ended.has(attempt))
        .map(({ id, attempt }) => `${id} ${attempt}`)
        .sort(),
    };
  }

  #do(process: number, message: Message): void {
    switch (message.type) {
      case 'start':
        this.#scheduler.start();
        break;
      case 'stop':
        void this.#scheduler.stop();
        break;
      case 'close':
        // It tells of failures that nobody has looked at.
        this.#scheduler.close().catch(() => undefined);
        break;
      case 'terminate':
        this.#scheduler.terminate().catch(() => undefined);
        break;
      case 'submit':
        this.#submit(message.task);
        break;
      case 'pause':
      case 'resume':
        if ('queue' in message) this.#queue(this.#system.plan.queues[message.queue]?.name ?? '')[message.type]();
        break;
      case 'limits':
        if ('queue' in message)
          this.#queue(this.#system.plan.queues[message.queue]?.name ?? '').set({ concurrency: message.slots });
        break;
      case 'cancel':
        this.#handle(process).cancel();
        break;
      case 'times out':
      case 'pause ends':
        this.#clock.advanceTo(this.#clock.nextAt() ?? 0);
        break;
      case 'late':
        this.#end(this.#attempt(process, message.attempt)).done('late');
        break;
      case 'partial':
        void this.#attempt(process).partial('partial');
        break;
      case 'begins':
        this.#attempt(process).begins?.();
        break;
      case 'withdrawn':
        this.#end(this.#attempt(process)).begins?.();
        break;
      case 'done':
        this.#end(this.#attempt(process)).done(this.#system.plan.tasks[process]?.partials === 0 ? 'result' : undefined);
        break;
      case 'follows':
        this.#end(this.#attempt(process)).done(this.#handle(this.#system.plan.tasks[process]?.follows ?? -1));
        break;
      case 'fails':
        this.#end(this.#attempt(process)).failed(new Error('failed'));
        break;
      case 'changed':
      case 'doomed':
      case 'evicted':
      case 'executors close':
      case 'followed':
      case 'granted':
      case 'granted late':
      case 'offered':
      case 'refused':
      case 'returned':
      case 'room':
      case 'satisfied':
      case 'started':
      case 'stopped':
      case 'task':
        throw new Error(`expected an input, got ${message.type}`);
      default:
        message satisfies never;
    }
  }

  #submit(task: number): void {
    const plan = this.#system.plan.tasks[task];
    if (plan === undefined) throw new Error(`expected a task, got ${task}`);
    const queue = this.#queue(this.#system.plan.queues[plan.queue]?.name ?? '');
    const dependencies = plan.deps
      .filter((dep) => dep.index !== WHOLE || !plan.release.includes(dep.task))
      .map(({ task: of, index }) => {
        const handle = this.#handle(of);
        return index !== WHOLE && handle instanceof StreamHandle ? handle.at(index) : handle;
      });
    const options = this.#optionsOf(task, plan);
    const handle: Handle<unknown> =
      plan.partials === 0
        ? queue.submit(options, work, ...dependencies)
        : queue.stream({ ...options, results: plan.partials }, work, ...dependencies);
    handle.settled().catch(() => undefined);
    this.#handles[task] = handle;
  }

  #optionsOf(task: number, plan: TaskPlan) {
    const { bounds } = this.#system;
    const names = this.#system.plan.queues[plan.queue]?.resourceNames ?? [];
    const backoffMs = bounds.backoff && task === TIMED ? BACKOFF_MS : 0;
    return {
      id: plan.id,
      priority: plan.priority,
      resources: Object.fromEntries(plan.demand.map((amount, at) => [names[at] ?? '', amount])),
      hold: plan.hold,
      release: plan.release.map((of) => this.#handle(of)),
      ...(plan.attempts > 1 ? { retry: { attempts: plan.attempts, backoffMs } } : {}),
      ...(bounds.timeouts > 0 && task === TIMED ? { timeoutMs: TIMEOUT_MS } : {}),
    };
  }

  #endTurn(): void {
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.();
  }

  #end(attempt: Attempt): Attempt {
    this.#ended.add(attempt);
    return attempt;
  }

  /** The attempt of that number, or the latest, of those that have not ended. */
  #attempt(task: number, number?: number): Attempt {
    const id = this.#system.plan.tasks[task]?.id;
    const isIt = (attempt: Attempt): boolean =>
      attempt.id === id && !this.#ended.has(attempt) && (number === undefined || attempt.attempt === number);
    const found = this.#executor.started.findLast(isIt);
    if (found === undefined) throw new Error(`expected an attempt of ${id} under way`);
    return found;
  }

  #handle(task: number): Handle<unknown> {
    const handle = this.#handles[task];
    if (handle === undefined) throw new Error(`expected task ${task} to have been submitted`);
    return handle;
  }

  #queue(name: string) {
    const queue = this.#scheduler.queues.get(name);
    if (queue === undefined) throw new Error(`expected a queue ${name}`);
    return queue;
  }
}

/** What can be seen of an explored state. */
export function sightOf(system: System, vector: Int32Array): Sight {
  const { plan } = system;
  const scheduler = system.schedulerData(vector);
  const tasks = plan.tasks.map((_, task) => system.taskData(vector, task));
  return {
    scheduler: innermost(scheduler.value),
    tasks: tasks.map(({ value }, task) => (scheduler.tasks[task]?.phase === 'absent' ? undefined : value)),
    attempts: tasks.map(({ attempt }) => attempt),
    queues: plan.queues.map(({ capacity }, queue) => {
      const { value, ledger } = system.queueData(vector, queue);
      return { value, slotsTaken: ledger.slotsTaken, taken: capacity.map((_, at) => ledger.taken[at] ?? 0) };
    }),
    ending: tasks.flatMap(({ ending }, task) => ending.map((attempt) => `${plan.tasks[task]?.id} ${attempt}`)).sort(),
  };
}

/** The function of every task; the executor never calls it. */
function work(..._dependencies: readonly unknown[]): Iterable<string> {
  return [];
}
