/**
 * An instrument at work: follows the tasks and attempts of one scheduler, and tells spans and metrics of them.
 *
 * Invariants: what is told here is guarded, so nothing throws into the runtime. Kept is an entry for each task that has not settled and each
 * attempt that has not ended; of a settled task its span context, as long as there is a record of the task that a link could lead to.
 */
import type { Link, SpanContext } from '@opentelemetry/api';
import { outcomeKind } from '../core/outcome.js';
import type { TaskState } from '../core/outcome.js';
import type { Engine } from '../runtime/engine.js';
import type { AttemptFault, Tracing } from '../runtime/events/tracing.js';
import type { TaskAttempt } from '../runtime/tasks/attempt.js';
import type { TaskRecord } from '../runtime/tasks/task-record.js';
import { wallClockMs } from '../system/environment.js';
import type { Guard } from './guard.js';
import { faultKind, type SchedulerMetrics } from './scheduler-metrics.js';
import { type AttemptSpan, linksOf, parentOf, type SpanError, type SpanTools, TaskSpan } from './spans.js';
import type { Use, Uses } from './uses.js';

type Run = TaskAttempt<TaskRecord>;

/** A task that has not settled. */
interface OpenTask {
  readonly use: Use;
  readonly span: TaskSpan | undefined;
  /** When it was ready, by the scheduler's clock; undefined where that was before. */
  readyMs: number | undefined;
}

/** An attempt that has not ended. */
interface OpenAttempt {
  readonly use: Use;
  readonly span: AttemptSpan | undefined;
  /** Undefined for one that began before. */
  readonly startMs: number | undefined;
  fault: { readonly as: AttemptFault; readonly error: unknown } | undefined;
}

/** The parts that an instrument works with. @internal */
export interface InstrumentationParts {
  readonly engine: Engine;
  readonly uses: Uses;
  readonly guard: Guard;
  /** Undefined without a tracer. */
  readonly spans: SpanTools | undefined;
  /** Undefined without a meter. */
  readonly metrics: SchedulerMetrics | undefined;
}

/** See above. @internal */
export class Instrumentation implements Tracing<TaskRecord, Run> {
  readonly #parts: InstrumentationParts;
  readonly #beganMs = wallClockMs();
  readonly #tasks = new Map<TaskRecord, OpenTask>();
  readonly #attempts = new Map<Run, OpenAttempt>();
  readonly #settled = new WeakMap<TaskRecord, SpanContext>();

  constructor(parts: InstrumentationParts) {
    this.#parts = parts;
  }

  /** From now on all is told; of what is there already, attempts under way and their tasks are taken over at once, the rest when it moves. */
  attach(): void {
    const { engine } = this.#parts;
    engine.hub.tracing = this;
    for (const record of engine.unsettled.newestFirst()) if (record.run?.hasBegun === true) this.#adopt(record);
  }

  /** Nothing is told from now on. Spans end, their outcome being unknown. */
  detach(): void {
    const { engine, guard, metrics } = this.#parts;
    if (engine.hub.tracing === this) engine.hub.tracing = undefined;
    for (const { span } of this.#attempts.values()) guard.try(() => span?.leave());
    for (const { span } of this.#tasks.values()) guard.try(() => span?.leave());
    this.#attempts.clear();
    this.#tasks.clear();
    metrics?.leave();
  }

  admitted(task: TaskRecord, isFed: boolean): void {
    this.#open(task, isFed, undefined);
  }

  moved(task: TaskRecord, state: TaskState): void {
    const open = this.#tasks.get(task) ?? this.#adopt(task);
    switch (state) {
      case 'ready':
        open.readyMs = this.#now();
        return;
      case 'running':
        if (task.run !== undefined) this.#begin(task.run, open);
        return;
      case 'done':
      case 'failed':
      case 'cancelled':
        if (task.run?.hasEnded === true) this.ended(task.run);
        this.#settle(task, open);
        return;
      case 'pending':
      case 'partial':
        return;
    }
  }

  faulted(run: Run, as: AttemptFault, error: unknown): void {
    const open = this.#attempts.get(run);
    if (open !== undefined) open.fault ??= { as, error };
  }

  ended(run: Run): void {
    const open = this.#attempts.get(run);
    if (open === undefined) return;
    this.#attempts.delete(run);
    const { guard, metrics } = this.#parts;
    const { use, span, startMs, fault } = open;
    const outcome = fault === undefined ? 'done' : fault.as === 'failed' ? faultKind(fault.error) : fault.as;
    if (span !== undefined) guard.try(() => span.end(outcome, this.#spanError(fault)));
    if (metrics === undefined || startMs === undefined) return;
    guard.try(() => metrics.ran(use, this.#now() - startMs, outcome));
  }

  #now(): number {
    return this.#parts.engine.environment.clock.now();
  }

  #open(task: TaskRecord, isFed: boolean, startMs: number | undefined): OpenTask {
    const { uses, spans, guard } = this.#parts;
    const use = uses.of(task);
    const span =
      spans === undefined
        ? undefined
        : guard.try(() => new TaskSpan(spans, task, use, parentOf(spans, task, isFed), this.#linksOf(task), startMs));
    const open: OpenTask = { use, span, readyMs: undefined };
    this.#tasks.set(task, open);
    return open;
  }

  #linksOf(task: TaskRecord): Link[] {
    return linksOf(task, (dependency) => {
      const known = this.#tasks.get(dependency)?.span?.context ?? this.#settled.get(dependency);
      return known ?? (dependency.isSettled ? undefined : this.#adopt(dependency).span?.context);
    });
  }

  /** Takes over a task that was there before, in whatever state, with its attempt. */
  #adopt(task: TaskRecord): OpenTask {
    const open = this.#tasks.get(task) ?? this.#open(task, true, this.#beganMs);
    const { run } = task;
    if (run?.hasBegun === true && !run.hasEnded && !this.#attempts.has(run)) this.#attempt(run, open, undefined);
    return open;
  }

  #begin(run: Run, open: OpenTask): void {
    // Adopting a task at its start has taken its attempt as well.
    this.#attempts.delete(run);
    const { metrics, guard } = this.#parts;
    const startMs = this.#now();
    this.#attempt(run, open, startMs);
    const { readyMs, use } = open;
    open.readyMs = undefined;
    if (metrics !== undefined && readyMs !== undefined) guard.try(() => metrics.waited(use, startMs - readyMs));
  }

  #attempt(run: Run, { use, span }: OpenTask, startMs: number | undefined): void {
    const { guard } = this.#parts;
    const began = startMs === undefined ? this.#beganMs : undefined;
    const own = span === undefined ? undefined : guard.try(() => span.attempt(run.attempt, began));
    this.#attempts.set(run, { use, span: own, startMs, fault: undefined });
    run.scope = own;
  }

  #settle(task: TaskRecord, { use, span }: OpenTask): void {
    this.#tasks.delete(task);
    const { outcome } = task;
    if (outcome === undefined) return;
    const { guard, metrics } = this.#parts;
    const kind = outcomeKind(outcome);
    if (span !== undefined) {
      const { context } = span;
      if (context !== undefined) this.#settled.set(task, context);
      const error = outcome.status === 'failed' ? ({ as: 'failed', error: outcome.error } as const) : undefined;
      guard.try(() => span.end(kind, this.#spanError(error)));
    }
    if (metrics !== undefined) guard.try(() => metrics.settled(use, kind));
  }

  #spanError(fault: OpenAttempt['fault']): SpanError | undefined {
    if (fault?.as !== 'failed') return undefined;
    return { error: fault.error, type: this.#parts.uses.errorType(fault.error) };
  }
}
