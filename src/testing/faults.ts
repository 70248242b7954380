/** What goes wrong in a simulation: drawn for a scenario from a seed, before and while it runs. */
import { SchedulerError, shown } from '../core/failures.js';
import { checkOptionNames } from '../core/option-names.js';
import { type Chance, chance } from './random.js';
import type { Scenario, ScenarioTask } from './scenario-shape.js';
import type { Plan, Step } from './simulated-executor.js';

/**
 * How often each fault happens: the share of the tasks, or of their attempts, that have it, from 0 (the default) to 1.
 *
 * @public
 */
export interface FaultPlan {
  /** Attempts that take up to five units longer than their duration. */
  readonly late?: number;
  /** Attempts whose end is never reported. Their tasks are given a timeout, if they have none. */
  readonly lost?: number;
  /** Attempts that report ends again after their end. */
  readonly duplicated?: number;
  /** Attempts that fail in the middle. */
  readonly crashes?: number;
  /** Tasks with a timeout at about the time at which they end. */
  readonly timeouts?: number;
  /** Tasks that are tried two or three times, with pauses or without. */
  readonly retries?: number;
  /** Tasks that are cancelled at some time. */
  readonly cancels?: number;
  /** For each task the probability that the scheduler is stopped at some time, and started again up to three units later. */
  readonly storms?: number;
  /** Tasks that are submitted later than the scenario says; tasks after them are then not submitted earlier. */
  readonly submissions?: number;
  /** Attempts at tasks with partial results that report one too few or too many. */
  readonly miscounts?: number;
  /** Attempts whose executor waits up to three units before it calls the function, and then asks whether it still may. */
  readonly waiting?: number;
  /** Attempts that go on for a while after they were told to end, and may still report a result. */
  readonly stubborn?: number;
  /** Attempts that end, cancel a task, stop the scheduler, or stop and start it, from within the call that begins them. */
  readonly within?: number;
  /** For each task the probability that its queue is paused at some time, and resumed up to three units later. */
  readonly pauses?: number;
  /** For each task the probability that its queue has one slot only, for up to three units. */
  readonly limits?: number;
}

/**
 * Every fault, each at a rate at which all of them meet in a scenario of some ten tasks.
 *
 * @public
 */
export const ALL_FAULTS: FaultPlan = {
  late: 0.2,
  lost: 0.05,
  duplicated: 0.2,
  crashes: 0.15,
  timeouts: 0.2,
  retries: 0.4,
  cancels: 0.2,
  storms: 0.1,
  submissions: 0.3,
  miscounts: 0.05,
  waiting: 0.3,
  stubborn: 0.3,
  within: 0.15,
  pauses: 0.05,
  limits: 0.05,
};

const NAMES = {
  late: true,
  lost: true,
  duplicated: true,
  crashes: true,
  timeouts: true,
  retries: true,
  cancels: true,
  storms: true,
  submissions: true,
  miscounts: true,
  waiting: true,
  stubborn: true,
  within: true,
  pauses: true,
  limits: true,
} satisfies Record<keyof FaultPlan, true>;

/** @throws SchedulerError `InvalidOption` for an unknown fault, or a share that is none. @internal */
export function checkFaults(faults: FaultPlan): void {
  checkOptionNames('faults', faults, NAMES);
  for (const [name, share] of Object.entries(faults)) {
    if (typeof share === 'number' && share >= 0 && share <= 1) continue;
    throw new SchedulerError('InvalidOption', `the share of ${name} must be a number from 0 to 1, got ${shown(share)}`);
  }
}

/** Something that is done from outside at a time. @internal */
export type Action =
  | { readonly at: number; readonly do: 'stop' | 'resume' }
  | { readonly at: number; readonly do: 'cancel'; readonly id: string }
  | { readonly at: number; readonly do: 'pause' | 'unpause' | 'lower' | 'raise'; readonly queue: string };

/** What an attempt does from within the call that begins it. @internal */
export type Within = 'end' | 'cancel' | 'stop' | 'bounce' | undefined;

/** The faults of one simulation. @internal */
export class Faults {
  readonly scenario: Scenario;
  /** In the order of time. */
  readonly actions: readonly Action[];
  readonly #faults: FaultPlan;
  readonly #seed: number;

  constructor(scenario: Scenario, faults: FaultPlan, seed: number) {
    this.#faults = faults;
    this.#seed = seed;
    let earliest = 0;
    const tasks = scenario.tasks.map((task) => {
      const drawn = this.#task(task, earliest);
      earliest = drawn.submitAt ?? 0;
      return drawn;
    });
    this.scenario = { ...scenario, tasks };
    const horizon = tasks.reduce((sum, { duration }) => sum + duration, earliest + 1);
    const actions = (scenario.control ?? []).map((control): Action => control);
    for (const task of tasks) actions.push(...this.#actions(task, horizon));
    this.actions = actions.toSorted((a, b) => a.at - b.at);
  }

  #chance(what: string, id: string): Chance {
    return chance(this.#seed, `${what} ${id}`);
  }

  #task(task: ScenarioTask, earliest: number): ScenarioTask {
    const { hits, below } = this.#chance('task', task.id);
    const faults = this.#faults;
    const late = hits(faults.submissions) ? 1 + below(8) : 0;
    const submitAt = Math.max(earliest, (task.submitAt ?? 0) + late);
    const racing = hits(faults.timeouts) ? { timeout: Math.max(1, task.duration - 1 + below(3)) } : {};
    const isBounded = (faults.lost ?? 0) > 0 && task.timeout === undefined;
    const bound = isBounded ? { timeout: task.duration + 7 } : {};
    const retried = hits(faults.retries) ? { attempts: 2 + below(2), backoff: below(3) } : {};
    return { ...task, ...(submitAt > 0 ? { submitAt } : {}), ...bound, ...racing, ...retried };
  }

  #actions({ id, queue }: ScenarioTask, horizon: number): Action[] {
    const { hits, below } = this.#chance('actions', id);
    const actions: Action[] = [];
    if (hits(this.#faults.cancels)) actions.push({ at: below(horizon), do: 'cancel', id });
    if (hits(this.#faults.storms)) {
      const at = below(horizon);
      actions.push({ at, do: 'stop' }, { at: at + below(4), do: 'resume' });
    }
    for (const [share, begin, end] of [
      [this.#faults.pauses, 'pause', 'unpause'],
      [this.#faults.limits, 'lower', 'raise'],
    ] as const) {
      if (!hits(share)) continue;
      const at = below(horizon);
      actions.push({ at, do: begin, queue }, { at: at + below(4), do: end, queue });
    }
    return actions;
  }

  /** What the attempt does, and when, that so many starts of the task have led to. */
  plan(task: ScenarioTask, start: number): Plan {
    const { hits, below } = this.#chance(`attempt ${start}`, task.id);
    const faults = this.#faults;
    const late = hits(faults.late) ? 1 + below(5) : 0;
    const steps: Step[] = (task.partialAt ?? []).map((after) => ({ after, what: 'partial' }));
    if (steps.length > 0 && hits(faults.miscounts)) {
      if (below(2) === 0) steps.pop();
      else steps.push({ after: task.duration, what: 'partial' });
    }
    const end = task.duration + late;
    const isLost = hits(faults.lost);
    const isCrash = hits(faults.crashes);
    if (isCrash) {
      const at = below(end + 1);
      const before = steps.filter(({ after }) => after < at);
      steps.splice(0, steps.length, ...before, { after: at, what: 'failed' });
    } else if (!isLost) {
      steps.push({ after: end, what: 'done' });
    }
    if (!isLost && hits(faults.duplicated)) {
      const last = steps.at(-1)?.after ?? 0;
      steps.push(
        { after: last + below(3), what: below(2) === 0 ? 'done' : 'failed' },
        { after: last + 3, what: 'partial' },
      );
    }
    const stubborn = hits(faults.stubborn);
    const abort: Step = stubborn
      ? { after: below(9), what: below(2) === 0 ? 'done' : 'failed' }
      : { after: 0, what: 'failed' };
    const waits = hits(faults.waiting) ? below(4) : undefined;
    return { steps: waits === undefined ? steps : waitedFor(waits, steps), ...(stubborn ? { abort } : {}) };
  }

  within(task: ScenarioTask, start: number): Within {
    const { hits, below } = this.#chance(`within ${start}`, task.id);
    if (!hits(this.#faults.within)) return undefined;
    return (['end', 'cancel', 'stop', 'bounce'] as const)[below(4)];
  }

  /** Which of so many things that are due now happens next. */
  readonly order = (): Chance => this.#chance('order', '');
}

/** The function is called so much later. */
function waitedFor(units: number, steps: readonly Step[]): Step[] {
  const moved = steps.map(({ after, what }) => ({ after: after + units, what }));
  return [{ after: units, what: 'begin' }, ...moved];
}
