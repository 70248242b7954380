/** Runs a scenario on the real scheduler (machines, event queue, demand order) in simulated time. */
import type { Turn } from '../core/ports.js';
import { type Handle, StreamHandle } from '../runtime/tasks/handle.js';
import { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import { parseScenario } from './scenario.js';
import type { Scenario, ScenarioTask, Simulation, TraceEvent } from './scenario-shape.js';
import { SimulatedClock } from './simulated-clock.js';
import { type Plan, SimulatedExecutor } from './simulated-executor.js';

/**
 * Runs `scenario` and returns all events in order, and the ids of the tasks that remain when no more events can occur. `trace` and
 * `stalled` of the scenario are ignored.
 *
 * Deterministic and synchronous; calls no functions and takes no real time.
 *
 * @param scenario - validated first by `parseScenario`.
 * @param options - the interpreter of the statecharts, as in `SchedulerOptions`; the result is the same.
 * @throws SchedulerError as `parseScenario`.
 * @public
 */
export function simulate(scenario: Scenario, options: Pick<SchedulerOptions, 'interpreter'> = {}): Simulation {
  return new Simulator(parseScenario(scenario), options).run();
}

class Simulator {
  readonly #trace: TraceEvent[] = [];
  readonly #tasks: readonly ScenarioTask[];
  readonly #control: NonNullable<Scenario['control']>;
  readonly #handles = new Map<string, Handle<unknown>>();
  readonly #executor: SimulatedExecutor;
  readonly #scheduler: Scheduler;
  #submitted = 0;
  #controlled = 0;
  #shouldRun = true;
  #burstOver: (() => void) | undefined = undefined;

  constructor(scenario: Scenario, options: Pick<SchedulerOptions, 'interpreter'>) {
    this.#tasks = scenario.tasks;
    this.#control = scenario.control ?? [];
    const plans = new Map(scenario.tasks.map((task) => [task.id, planOf(task)]));
    this.#executor = new SimulatedExecutor(
      (id) => plans.get(id) ?? { partials: [], end: 0 },
      (id) => this.#trace.push({ at: this.#executor.now, event: 'start', id }),
    );
    const turn: Turn = (callback) => {
      this.#burstOver = callback;
    };
    this.#scheduler = new Scheduler({
      // Scenarios have no timeouts and no retries, so neither is used.
      _environment: { clock: new SimulatedClock(), random: () => 0 },
      ...options,
      _turn: turn,
    });
    for (const { name, concurrency, order, resources } of scenario.queues) {
      this.#scheduler.queue(name, {
        concurrency,
        executor: this.#executor,
        ...(order === undefined ? {} : { order }),
        ...(resources === undefined ? {} : { resources }),
      });
    }
  }

  run(): Simulation {
    for (let now: number | undefined = 0; now !== undefined; now = this.#nextTime()) {
      this.#executor.now = now;
      this.#submitDue(now);
      this.#controlDue(now);
      this.#endBurst();
      while (this.#executor.deliver((delivery) => this.#note(delivery))) this.#endBurst();
    }
    return { trace: this.#trace, stalled: this.#scheduler._unsettled };
  }

  #nextTime(): number | undefined {
    const times = [
      this.#executor.nextAt(),
      this.#tasks[this.#submitted]?.submitAt ?? undefined,
      this.#control[this.#controlled]?.at,
    ];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  #submitDue(now: number): void {
    for (let task = this.#tasks[this.#submitted]; task !== undefined && (task.submitAt ?? 0) <= now; ) {
      this.#handles.set(task.id, this.#submit(task));
      this.#submitted += 1;
      task = this.#tasks[this.#submitted];
    }
  }

  /** Records all stops and resumes due now, and carries out the last one, as the rule requires. */
  #controlDue(now: number): void {
    for (let control = this.#control[this.#controlled]; control !== undefined && control.at <= now; ) {
      this.#trace.push({ at: now, event: control.do });
      this.#shouldRun = control.do === 'resume';
      this.#controlled += 1;
      control = this.#control[this.#controlled];
    }
    if (this.#shouldRun) this.#scheduler.start();
    else void this.#scheduler.stop();
  }

  #endBurst(): void {
    const callback = this.#burstOver;
    this.#burstOver = undefined;
    callback?.();
  }

  #note({ at, id, partial }: { readonly at: number; readonly id: string; readonly partial: number | undefined }): void {
    this.#trace.push(
      partial === undefined ? { at, event: 'done', id } : { at, event: 'partial', id: `${id}#${partial}` },
    );
  }

  #submit(task: ScenarioTask): Handle<unknown> {
    const queue = this.#scheduler.queues.get(task.queue);
    if (queue === undefined) throw new Error(`expected a queue ${task.queue}`);
    const options = {
      id: task.id,
      ...(task.resources === undefined ? {} : { resources: task.resources }),
      ...(task.priority === undefined ? {} : { priority: task.priority }),
      hold: task.hold ?? false,
      release: (task.release ?? []).map((id) => this.#handle(id)),
      after: (task.after ?? []).map((id) => this.#handle(id)),
    };
    const dependencies = task.deps.map((id) => this.#handle(id));
    if ((task.partials ?? 0) === 0) return queue.submit(options, unused, ...dependencies);
    return queue.stream({ ...options, results: task.partials ?? 0 }, unused, ...dependencies);
  }

  /** The handle of a task or of a partial result (`t3#1`). */
  #handle(reference: string): Handle<unknown> {
    const [id = '', index] = reference.split('#');
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new Error(`expected task ${id} to have been submitted`);
    return index !== undefined && handle instanceof StreamHandle ? handle.at(Number(index)) : handle;
  }
}

function planOf(task: ScenarioTask): Plan {
  return { partials: task.partialAt ?? [], end: task.duration };
}

/** The function of every simulated task. The simulated executor never calls it. */
function unused(..._dependencies: readonly unknown[]): Iterable<undefined> {
  throw new Error('expected a simulated task not to be called');
}
