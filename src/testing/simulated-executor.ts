/**
 * An executor in simulated time. It calls no functions: an attempt is a start and a list of steps. Deliveries with equal times
 * happen one by one; unless something else is asked for, in the order in which the attempts started. Within an attempt the steps keep their
 * order.
 *
 * Results are names: `t0/2` is what the second attempt at t0 returned, `t0#1` its partial result 1.
 */
import type { Attempt, Executor } from '../core/ports.js';
import type { ScenarioTask } from './scenario-shape.js';

/** A report of an attempt, or the question whether it may begin, `after` so many units from its start. @internal */
export interface Step {
  readonly after: number;
  readonly what: 'begin' | 'partial' | 'done' | 'failed';
}

/** The reports of an attempt. @internal */
export interface Plan {
  /** Ascending. Without an end among them the attempt runs until it is aborted. */
  readonly steps: readonly Step[];
  /** How it ends when it is aborted, so many units later; at once when not given. */
  readonly abort?: Step;
}

/** A report or a question that is about to be made, or the answer to it. @internal */
export interface Delivery {
  readonly at: number;
  readonly attempt: Attempt;
  /** Index of the partial result; undefined for anything else. */
  readonly partial: number | undefined;
  readonly what: Step['what'] | 'ask';
}

interface Running {
  readonly attempt: Attempt;
  readonly plan: Plan;
  startedAt: number;
  left: Step[];
  delivered: number;
  hasEnded: boolean;
  isAborted: boolean;
}

/** @internal */
export class SimulatedExecutor implements Executor {
  readonly name = 'simulated';
  /** The current time; set by the simulator. */
  now = 0;
  readonly #running = new Map<Attempt, Running>();
  readonly #planOf: (attempt: Attempt) => Plan;
  readonly #started: (attempt: Attempt) => void;
  readonly #announce: (delivery: Delivery) => void;
  readonly #aborted: (attempt: Attempt, reason: unknown) => void;
  readonly #resultOf: (attempt: Attempt) => unknown;

  constructor(hooks: {
    readonly planOf: (attempt: Attempt) => Plan;
    /** Called from within `run`, when the attempt is known here. */
    readonly started: (attempt: Attempt) => void;
    /** Called before each report. */
    readonly announce: (delivery: Delivery) => void;
    /** Called before anything follows from an abort. */
    readonly aborted: (attempt: Attempt, reason: unknown) => void;
    /** What the function returns. */
    readonly resultOf: (attempt: Attempt) => unknown;
  }) {
    this.#planOf = hooks.planOf;
    this.#started = hooks.started;
    this.#announce = hooks.announce;
    this.#aborted = hooks.aborted;
    this.#resultOf = hooks.resultOf;
  }

  run(attempt: Attempt): void {
    const plan = this.#planOf(attempt);
    const left = [...plan.steps];
    const running = { attempt, plan, startedAt: this.now, left, delivered: 0, hasEnded: false, isAborted: false };
    this.#running.set(attempt, running);
    this.#started(attempt);
  }

  abort(attempt: Attempt, reason: unknown): void {
    this.#aborted(attempt, reason);
    const running = this.#running.get(attempt);
    if (running === undefined || running.hasEnded || running.isAborted) return;
    running.isAborted = true;
    const { abort } = running.plan;
    if (abort === undefined) {
      running.left = [];
      this.#report(running, 'failed');
    } else {
      running.startedAt = this.now;
      running.left = [abort];
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Makes all reports of the attempt at once, from within whatever calls this. */
  finish(attempt: Attempt): void {
    const running = this.#running.get(attempt);
    if (running === undefined) return;
    for (let step = running.left.shift(); step !== undefined; step = running.left.shift())
      this.#report(running, step.what);
    if (running.hasEnded) this.#running.delete(attempt);
  }

  /** Time of the next delivery; undefined if there is none. O(running attempts). */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const running of this.#running.values()) {
      const at = dueAt(running);
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  /** How many attempts have a delivery that is due now. */
  get due(): number {
    let count = 0;
    for (const running of this.#running.values()) if ((dueAt(running) ?? Infinity) <= this.now) count += 1;
    return count;
  }

  /** Makes the next delivery of one of the attempts that have one due: of the `place`th in the order of their starts. */
  deliver(place: number): void {
    let left = place;
    for (const running of this.#running.values()) {
      if ((dueAt(running) ?? Infinity) > this.now) continue;
      if (left > 0) {
        left -= 1;
        continue;
      }
      const step = running.left.shift();
      if (step === undefined) return;
      if (running.left.length === 0 && (running.hasEnded || step.what === 'done' || step.what === 'failed'))
        this.#running.delete(running.attempt);
      this.#report(running, step.what);
      return;
    }
  }

  #report(running: Running, what: Step['what']): void {
    const { attempt } = running;
    const at = this.now;
    if (what === 'begin') {
      this.#begin(running);
      return;
    }
    if (what === 'partial') {
      const index = running.delivered;
      running.delivered += 1;
      this.#announce({ at, attempt, partial: index, what });
      attempt.partial(`${attempt.id}#${index}`);
      return;
    }
    running.hasEnded = true;
    this.#announce({ at, attempt, partial: undefined, what });
    if (what === 'done') attempt.done(this.#resultOf(attempt));
    else attempt.failed(new Error(`attempt ${attempt.attempt} of ${attempt.id} crashed`));
  }

  /** Asks directly before the function would be called, as executors do that wait with an attempt. */
  #begin(running: Running): void {
    const { attempt } = running;
    const announced = { at: this.now, attempt, partial: undefined };
    this.#announce({ ...announced, what: 'ask' });
    if (attempt.begins?.() !== false) {
      this.#announce({ ...announced, what: 'begin' });
      return;
    }
    running.left = [];
    running.hasEnded = true;
    this.#running.delete(attempt);
  }
}

function dueAt({ startedAt, left }: Running): number | undefined {
  const [next] = left;
  return next === undefined ? undefined : startedAt + next.after;
}

/** The names of the results among the arguments, those of whole streams one by one. @internal */
export function namesIn(args: readonly unknown[]): string[] {
  return args.flatMap((value) => (Array.isArray(value) ? value.map(String) : [String(value)]));
}

/** What an attempt does when nothing goes wrong. @internal */
export function faultlessPlan({ partialAt = [], duration }: ScenarioTask): Plan {
  const partials = partialAt.map((after) => ({ after, what: 'partial' }) as const);
  return { steps: [...partials, { after: duration, what: 'done' }] };
}
