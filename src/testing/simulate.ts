/**
 * Runs a scenario on the real scheduler (statecharts, event queue, order, settlement) in simulated time and in one thread.
 *
 * Without a seed, what happens at one time happens in the order of the rule in test/vectors/README.md. With a seed, chance decides the order
 * and the faults, and the trace is full.
 */
import { SchedulerError, shown, TaskEvicted } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import type { Attempt } from '../core/ports.js';
import { Scheduler } from '../runtime/scheduler.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import { type Action, checkFaults, Faults } from './faults.js';
import { listen } from './listen.js';
import { briefEvent, fullEvent } from './delivery-events.js';
import { changeOf, changeQueue } from './queue-changes.js';
import type { Chance } from './random.js';
import { parseScenario } from './scenario.js';
import type { Scenario, ScenarioQueue, ScenarioTask, Simulation } from './scenario-shape.js';
import { SimulatedClock } from './simulated-clock.js';
import { type Delivery, faultlessPlan, namesIn, SimulatedExecutor } from './simulated-executor.js';
import { type SeededSimulation, SIMULATE_NAMES, type SimulateOptions } from './simulate-options.js';
import { StopPromises } from './stop-promises.js';
import { addQueues, SubmittedTasks } from './submitted-tasks.js';
import type { TraceEvent } from './trace.js';

/**
 * Runs `scenario` and returns all events in order, and the ids of the tasks that remain when no more events can occur. `trace` and
 * `stalled` of the scenario are ignored.
 *
 * Deterministic and synchronous; calls no functions and takes no real time.
 *
 * @param scenario - validated first by `parseScenario`.
 * @param options - the interpreter of the statecharts, as in `SchedulerOptions`; the result is the same. With a `seed`: see
 * `SimulateOptions`.
 * @throws SchedulerError as `parseScenario`; `InvalidOption`.
 * @public
 */
export function simulate(scenario: Scenario, options: SimulateOptions & { readonly seed: number }): SeededSimulation;
export function simulate(scenario: Scenario, options?: Pick<SimulateOptions, 'interpreter'>): Simulation;
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Simulation | SeededSimulation {
  checkOptionNames('simulate', options, SIMULATE_NAMES);
  const { seed, faults = {}, interpreter = 'compiled', _watch: watch } = options;
  const parsed = parseScenario(scenario);
  if (seed === undefined) {
    if (options.faults !== undefined) throw new SchedulerError('InvalidOption', 'faults need a seed');
    return new Simulator(parsed, interpreter, undefined).run();
  }
  if (!Number.isSafeInteger(seed)) {
    throw new SchedulerError('InvalidOption', `seed must be an integer, got ${shown(seed)}`);
  }
  checkFaults(faults);
  const drawn = new Faults(parsed, faults, seed);
  const simulator = new Simulator(drawn.scenario, interpreter, drawn);
  watch?.(simulator.scheduler);
  return { ...simulator.run(), scenario: drawn.scenario };
}

/** The share of bursts of submissions that end only after the next event. */
const LATE_BURST = 1 / 4;

/** How long a stop from within a start lasts, in units. */
const SHORT_STOP = 2;

class Simulator {
  readonly #trace: TraceEvent[] = [];
  readonly #tasks: readonly ScenarioTask[];
  readonly #plans: ReadonlyMap<string, ScenarioTask>;
  readonly #queues: readonly ScenarioQueue[];
  readonly #actions: readonly Action[];
  readonly #handles: SubmittedTasks;
  readonly #clock = new SimulatedClock();
  readonly #stops = new StopPromises();
  /** How often each task was started. */
  readonly #starts = new Map<string, number>();
  readonly #executor: SimulatedExecutor;
  readonly scheduler: Scheduler;
  readonly #faults: Faults | undefined;
  /** Says what happens next; undefined if the rule does. */
  readonly #chance: Chance | undefined;
  #submitted = 0;
  #acted = 0;
  #shouldRun = true;
  #burstOver: (() => void) | undefined = undefined;

  constructor(
    scenario: Scenario,
    interpreter: NonNullable<SchedulerOptions['interpreter']>,
    faults: Faults | undefined,
  ) {
    this.#tasks = scenario.tasks;
    this.#queues = scenario.queues;
    this.#plans = new Map(scenario.tasks.map((task) => [task.id, task]));
    this.#faults = faults;
    this.#chance = faults?.order();
    this.#actions = faults?.actions ?? scenario.control ?? [];
    this.#executor = new SimulatedExecutor({
      planOf: ({ id }) => faults?.plan(this.#plan(id), this.#countStart(id)) ?? faultlessPlan(this.#plan(id)),
      started: (attempt) => this.#started(attempt),
      announce: (delivery) => this.#announce(delivery),
      aborted: (attempt, reason) => this.#aborted(attempt, reason),
      resultOf: (attempt) => this.#handles.resultOf(attempt),
    });
    this.scheduler = new Scheduler({
      _environment: { clock: this.#clock, random: () => 0 },
      interpreter,
      order: scenario.order ?? 'newest',
      _durations: (id) => this.#plan(id).duration,
      _turn: (callback) => {
        this.#burstOver = callback;
      },
    });
    this.#handles = new SubmittedTasks(this.scheduler);
    addQueues(this.scheduler, scenario.queues, this.#executor);
    if (faults === undefined) this.scheduler.on('settled', ({ id }) => this.#settled(id));
    else listen(this.scheduler, (event) => this.#trace.push({ at: this.#executor.now, ...event }));
  }

  run(): Simulation {
    if (this.#chance !== undefined) this.#start();
    for (let now: number | undefined = 0; now !== undefined; now = this.#nextTime()) {
      this.#executor.now = now;
      this.#clock.turnTo(now);
      if (this.#chance === undefined) this.#byRule(now);
      else this.#byChance(now, this.#chance);
    }
    if (this.#faults !== undefined) this.#ledgers();
    return { trace: this.#trace, stalled: this.scheduler._unsettled };
  }

  /** First what comes from outside, all together, then what running attempts report, in the order of their starts. */
  #byRule(now: number): void {
    while (this.#submissionDue(now)) this.#submit();
    for (let action = this.#actionDue(now); action !== undefined; action = this.#actionDue(now)) {
      this.#acted += 1;
      if (action.do !== 'stop' && action.do !== 'resume') continue;
      this.#trace.push({ at: now, event: action.do });
      this.#shouldRun = action.do === 'resume';
    }
    if (this.#shouldRun) this.scheduler.start();
    else void this.scheduler.stop();
    this.#endBurst();
    for (;;) {
      if (this.#executor.due > 0) this.#executor.deliver(0);
      else if (!this.#clock.fire()) return;
      this.#endBurst();
    }
  }

  #byChance(now: number, { below, hits }: Chance): void {
    for (;;) {
      const { due } = this.#executor;
      const action = this.#actionDue(now);
      const others: (() => void)[] = [];
      if (this.#submissionDue(now)) others.push(() => this.#submit());
      if (action !== undefined) others.push(() => this.#act(action));
      if ((this.#clock.nextAt() ?? Infinity) <= now) others.push(() => this.#clock.fire());
      if (due + others.length === 0) break;
      const choice = below(due + others.length);
      if (choice < due) this.#executor.deliver(choice);
      else others[choice - due]?.();
      if (!hits(LATE_BURST)) this.#endBurst();
      this.#tellStopped();
    }
    this.#endBurst();
    this.#tellStopped();
    for (const moved of this.#handles.moved()) this.#trace.push({ at: now, ...moved });
  }

  #nextTime(): number | undefined {
    const times = [
      this.#executor.nextAt(),
      this.#clock.nextAt(),
      this.#tasks[this.#submitted] === undefined ? undefined : (this.#tasks[this.#submitted]?.submitAt ?? 0),
      this.#actions[this.#acted]?.at,
    ];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.max(this.#executor.now, Math.min(...known));
  }

  #submissionDue(now: number): boolean {
    const task = this.#tasks[this.#submitted];
    return task !== undefined && (task.submitAt ?? 0) <= now;
  }

  #actionDue(now: number): Action | undefined {
    const action = this.#actions[this.#acted];
    return action !== undefined && action.at <= now ? action : undefined;
  }

  #act(action: Action): void {
    this.#acted += 1;
    if ('queue' in action) this.#change(action);
    else if (action.do === 'cancel') this.#cancel(action.id);
    else if (action.do === 'stop') this.#stop();
    else this.#start();
  }

  #start(): void {
    this.#trace.push({ at: this.#executor.now, event: 'resume' });
    this.scheduler.start();
  }

  #stop(): void {
    this.#trace.push({ at: this.#executor.now, event: 'stop', call: this.#stops.next });
    this.#stops.add(this.scheduler.stop());
  }

  #tellStopped(): void {
    for (const call of this.#stops.resolved()) this.#trace.push({ at: this.#executor.now, event: 'stopped', call });
  }

  #change(action: Extract<Action, { readonly queue: string }>): void {
    const queue = this.scheduler.queues.get(action.queue);
    const spec = this.#queues.find(({ name }) => name === action.queue);
    if (queue === undefined || spec === undefined) return;
    // Before it is done, since starts may follow at once.
    this.#trace.push({ at: this.#executor.now, ...changeOf(spec, action.do) });
    changeQueue(queue, spec, action.do);
  }

  #cancel(id: string, within?: true): void {
    const isOpen = this.#handles.cancel(id);
    if (isOpen)
      this.#trace.push({ at: this.#executor.now, event: 'cancel', id, ...(within === true ? { within } : {}) });
  }

  #endBurst(): void {
    const callback = this.#burstOver;
    this.#burstOver = undefined;
    callback?.();
  }

  /** Starts that are withdrawn are made again with the same number of the attempt, and are to have other faults. */
  #countStart(id: string): number {
    const count = (this.#starts.get(id) ?? 0) + 1;
    this.#starts.set(id, count);
    return count;
  }

  #started(attempt: Attempt): void {
    const { id, attempt: number, args } = attempt;
    const at = this.#executor.now;
    if (this.#faults === undefined) {
      this.#trace.push({ at, event: 'start', id });
      return;
    }
    this.#trace.push({ at, event: 'start', id, attempt: number, inputs: namesIn(args) });
    const what = this.#faults.within(this.#plan(id), this.#starts.get(id) ?? 1);
    if (what === 'end') this.#executor.finish(attempt);
    else if (what === 'cancel') this.#cancel(this.#someTask(), true);
    else if (what !== undefined) {
      this.#stop();
      if (what === 'bounce') this.#start();
      else this.#clock.after(SHORT_STOP, () => this.#start());
    }
  }

  #aborted({ id, attempt }: Attempt, reason: unknown): void {
    if (this.#faults !== undefined && reason instanceof TaskEvicted)
      this.#trace.push({ at: this.#executor.now, event: 'evict', id, attempt });
  }

  #someTask(): string {
    const { ids } = this.#handles;
    return ids[this.#chance?.below(ids.length) ?? 0] ?? '';
  }

  #announce(delivery: Delivery): void {
    const isFollower = this.#plan(delivery.attempt.id).follows !== undefined;
    this.#trace.push(this.#faults === undefined ? briefEvent(delivery, isFollower) : fullEvent(delivery));
  }

  /** Brief traces tell of the end of a function, which is the end of its task unless it returns a handle. */
  #settled(id: string): void {
    if (this.#plan(id).follows !== undefined) this.#trace.push({ at: this.#executor.now, event: 'done', id });
  }

  #ledgers(): void {
    for (const { name, _view: view } of this.scheduler.queues.values()) {
      const { taken: slots, amounts: resources } = view;
      this.#trace.push({ at: this.#executor.now, event: 'ledger', queue: name, slots, resources });
    }
  }

  #plan(id: string): ScenarioTask {
    const plan = this.#plans.get(id);
    if (plan === undefined) throw new Error(`expected a task ${id}`);
    return plan;
  }

  #submit(): void {
    const task = this.#tasks[this.#submitted];
    if (task === undefined) return;
    this.#submitted += 1;
    if (this.#faults !== undefined) this.#trace.push({ at: this.#executor.now, event: 'submit', id: task.id });
    this.#handles.submit(task);
  }
}
