/** Attempts in any mixture: timeouts, retries, evictions, cancellations, stops and reports that come too late. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Handle, Scheduler, StreamHandle } from '../../src/index.js';
import type { Attempt } from '../../src/core/ports.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { scaledRuns } from '../support/property-runs.js';
import { manualQueue, oneQueue } from '../support/one-queue.js';
import { timedQueue } from './timed-queue.js';
import { property } from '../support/property.js';

const pass = (...values: unknown[]): unknown => values;

test('what a task is to release stays held until the last of its attempts has ended', async () => {
  const { scheduler, queue, executor, pass: passTime } = timedQueue({ concurrency: 3, retry: { attempts: 2 } });
  const held = queue.submit({ id: 'held', hold: true }, pass);
  const releaser = queue.submit({ id: 'releaser', release: [held], timeoutMs: 10 }, pass);
  const slots = (): number => queue.actor.getSnapshot().context.ledger.slotsTaken;
  scheduler.start();
  await quiet();
  executor.attemptAt('held').done(1);
  await quiet();
  const first = executor.attemptAt('releaser');
  await passTime(10);
  executor.attemptAt('releaser').done(2);
  await quiet();
  expect([releaser.state, slots()]).toEqual(['done', 2]);
  first.failed('ended at last');
  await quiet();
  expect(slots()).toBe(0);
});

const anyTask = fc.record({
  kind: fc.constant('submit' as const),
  priority: fc.nat(2),
  timeoutMs: fc.constantFrom(undefined, 5, 20),
  attempts: fc.integer({ min: 1, max: 3 }),
  backoffMs: fc.constantFrom(0, 7),
  results: fc.nat(3),
  picks: fc.array(fc.nat(), { maxLength: 2 }),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: anyTask },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('done', 'failed', 'partial'), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12 }) }) },
  fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constantFrom('stop', 'start') }),
);

/** Plays steps on a real scheduler and holds it against what must always be so. */
class Play {
  readonly #clock = new SimulatedClock();
  readonly #executor = new ManualExecutor();
  readonly #scheduler: Scheduler;
  readonly #concurrency: number;
  readonly #queue;
  readonly #handles: Handle<unknown>[] = [];
  readonly #results = new Map<string, number>();
  /** Those that have not ended, with how many results each has reported. */
  readonly #open = new Map<Attempt, number>();
  readonly #settled = new Map<string, unknown>();
  readonly #delivered = new Map<string, unknown[]>();
  #isStopped = false;

  constructor(concurrency: number, preempt: boolean, interpreter: 'compiled' | 'xstate') {
    this.#concurrency = concurrency;
    this.#scheduler = new Scheduler({ interpreter, _environment: { clock: this.#clock, random: () => 0.5 } });
    this.#queue = this.#scheduler.queue('q', { concurrency, preempt, executor: this.#executor });
    this.#scheduler.on('settled', ({ id, outcome }) => {
      if (this.#settled.has(id)) throw new Error(`task ${id} has settled twice`);
      this.#settled.set(id, outcome);
    });
    this.#scheduler.on('partial', ({ id, index }) => {
      const delivered = this.#delivered.get(id) ?? [];
      if (delivered.length !== index) throw new Error(`task ${id} delivers ${index} after ${delivered.length} results`);
      delivered.push(index);
      this.#delivered.set(id, delivered);
    });
    this.#scheduler.start();
  }

  async step(step: typeof anyStep extends fc.Arbitrary<infer S> ? S : never): Promise<void> {
    if ('priority' in step) this.#submit(step);
    else if ('ms' in step) this.#clock.advanceTo(this.#clock.now() + step.ms);
    else if (step.kind === 'stop' || step.kind === 'start') this.#turn(step.kind === 'stop');
    else if (!('pick' in step)) throw new Error('expected a step that is known');
    else if (step.kind === 'cancel') this.#handles[step.pick % Math.max(1, this.#handles.length)]?.cancel();
    else this.#report(step.kind, step.pick);
    await quiet();
    this.#look();
  }

  /** Lets everything come to its end. */
  async finish(): Promise<void> {
    this.#turn(false);
    for (let rounds = 0; this.#settled.size < this.#handles.length || this.#open.size > 0; rounds += 1) {
      expect(rounds, 'the end is nowhere near').toBeLessThan(2_000);
      await quiet();
      this.#look();
      const [attempt] = this.#open.keys();
      if (attempt === undefined) this.#clock.advanceTo(this.#clock.nextAt() ?? Number.NaN);
      else this.#end(attempt);
    }
    await quiet();
    expect(this.#queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
    expect(this.#clock.nextAt(), 'a timer is left').toBeUndefined();
    for (const handle of this.#handles) await this.#judge(handle);
  }

  async #judge(handle: Handle<unknown>): Promise<void> {
    const outcome = await handle.settled();
    expect(this.#settled.get(handle.id)).toBe(outcome);
    const all = handle instanceof StreamHandle && outcome.status === 'done' ? (outcome.result as unknown[]) : [];
    expect(all).toEqual(all.map((_, index) => `${handle.id}/${index}`));
    if (outcome.status === 'done' && !(handle instanceof StreamHandle)) expect(outcome.result).toBe(handle.id);
  }

  #submit({
    priority,
    timeoutMs,
    attempts,
    backoffMs,
    results,
    picks,
  }: typeof anyTask extends fc.Arbitrary<infer S> ? S : never): void {
    const id = `t${this.#handles.length}`;
    const inputs = picks
      .map((pick) => this.#handles[pick % Math.max(1, this.#handles.length)])
      .filter((one) => one !== undefined);
    const retry = { attempts, backoffMs };
    const options = { id, priority, retry, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    this.#results.set(id, results);
    const isStream = results > 0;
    this.#handles.push(
      isStream
        ? this.#queue.stream(options, () => [], ...(inputs as []))
        : this.#queue.submit(options, pass, ...inputs),
    );
  }

  #turn(isStopped: boolean): void {
    this.#isStopped = isStopped;
    if (isStopped) void this.#scheduler.stop();
    else this.#scheduler.start();
  }

  #report(kind: string, pick: number): void {
    const open = [...this.#open];
    const [attempt, reported] = open[pick % Math.max(1, open.length)] ?? [];
    if (attempt === undefined || reported === undefined) return;
    if (kind === 'partial') {
      if (reported < (this.#results.get(attempt.id) ?? 0)) this.#deliver(attempt, reported);
    } else if (kind === 'failed') {
      this.#open.delete(attempt);
      attempt.failed(new Error('failed'));
    } else this.#end(attempt);
  }

  #deliver(attempt: Attempt, index: number): void {
    this.#open.set(attempt, index + 1);
    attempt.partial(`${attempt.id}/${index}`);
  }

  #end(attempt: Attempt): void {
    for (let index = this.#open.get(attempt) ?? 0; index < (this.#results.get(attempt.id) ?? 0); index += 1) {
      this.#deliver(attempt, index);
    }
    this.#open.delete(attempt);
    attempt.done(attempt.id);
  }

  #look(): void {
    const started = this.#executor.started.splice(0);
    for (const attempt of started) this.#open.set(attempt, 0);
    expect(this.#open.size).toBeLessThanOrEqual(this.#concurrency);
    expect(this.#queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(this.#open.size);
    // An attempt whose outcome counts is the latest of its task, and the only one that does.
    for (const handle of this.#handles) {
      const running = [...this.#open.keys()].filter(({ id }) => id === handle.id && !this.#settled.has(id));
      const current = running.filter(({ signal }) => !signal.aborted);
      expect(current.length).toBe(['running', 'partial'].includes(handle.state) ? 1 : 0);
      for (const attempt of running)
        expect(attempt.attempt).toBeLessThanOrEqual(current[0]?.attempt ?? Number.MAX_VALUE);
    }
    const isReady = this.#handles.some(({ state }) => state === 'ready');
    if (!this.#isStopped && isReady) expect(this.#open.size).toBe(this.#concurrency);
  }
}

const anyPlay = [
  fc.array(anyStep, { minLength: 5, maxLength: 50 }),
  fc.integer({ min: 1, max: 3 }),
  fc.boolean(),
  fc.constantFrom<('compiled' | 'xstate')[]>('compiled', 'xstate'),
] as const;

describe('for any tasks and whatever becomes of their attempts,', () => {
  property([...anyPlay], { numRuns: scaledRuns(100) })(
    'each settles once, no slot is lost or given twice, and every result is delivered once',
    async (steps, slots, preempt, interpreter) => {
      const play = new Play(slots, preempt, interpreter);
      for (const step of steps) await play.step(step);
      await play.finish();
    },
  );
});

test('an attempt is not held for a result at which its task is cancelled', async () => {
  const { scheduler, queue, executor } = manualQueue();
  const handle = queue.stream({ id: 's', ahead: 1 }, () => [1, 2]);
  scheduler.on('partial', () => handle.cancel('enough'));
  scheduler.start();
  await quiet();
  expect(executor.attemptAt('s').partial(1)).toBeUndefined();
  expect(await handle.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
});

test('a function that waits for another task after its own was cancelled is nobody that waits', async () => {
  const { scheduler, queue } = oneQueue();
  let said: unknown;
  const outer: Handle<unknown> = queue.submit({ id: 'outer' }, async () => {
    const inner = queue.submit({ id: 'inner' }, () => 1);
    const promise = inner.result();
    outer.cancel();
    await quiet();
    said = await Promise.race([promise, Promise.resolve(inner.why().message)]);
  });
  scheduler.start();
  expect(await outer.settled()).toMatchObject({ status: 'cancelled' });
  await scheduler.wait();
  expect(said).not.toContain('waits for');
});

describe('what comes from an attempt is counted and left alone', () => {
  async function running(results?: number) {
    const { scheduler, queue, executor } = manualQueue();
    const options = results === undefined ? {} : { results };
    const handle = queue.stream({ id: 's', ...options }, () => [1, 2, 3]);
    const seen: unknown[] = [];
    scheduler.on('partial', ({ index }) => void seen.push(index));
    scheduler.start();
    await quiet();
    const attempt = executor.attemptAt('s');
    void attempt.partial(1);
    const stale = (): number | undefined => scheduler._counts['staleReports'];
    return { handle, seen, attempt, stale };
  }

  test('after its end', async () => {
    const { handle, seen, attempt, stale } = await running();
    attempt.done(undefined);
    await handle.settled();
    expect(attempt.partial(2)).toBeUndefined();
    await quiet();
    expect([seen, stale()]).toEqual([[0], 1]);
  });

  test('after its task was cancelled', async () => {
    const { handle, seen, attempt, stale } = await running();
    handle.cancel();
    await handle.settled();
    expect(attempt.partial(2)).toBeUndefined();
    await quiet();
    expect([seen, stale()]).toEqual([[0], 1]);
  });

  test('after one result too many, which ends it', async () => {
    const { handle, seen, attempt, stale } = await running(1);
    void attempt.partial(2);
    expect(attempt.signal.reason).toMatchObject({ code: 'PartialCountMismatch' });
    void attempt.partial(3);
    attempt.done(undefined);
    expect(await handle.settled()).toMatchObject({ error: { code: 'PartialCountMismatch' } });
    expect([seen, stale()]).toEqual([[0], 1]);
  });
});

test('a queue that is terminated leaves no time to its own attempts that are ending, and to no others', async () => {
  const { scheduler, queue, executor } = manualQueue({ graceMs: 5_000 });
  const other = scheduler.queue('other', { executor, graceMs: 5_000 });
  const handles = [queue.submit({ id: 'here' }, () => 1), other.submit({ id: 'there' }, () => 1)];
  scheduler.start();
  await quiet();
  for (const handle of handles) handle.cancel();
  await quiet();
  expect(Object.fromEntries(executor.graces)).toEqual({ here: 5_000, there: 5_000 });
  const terminated = queue.terminate();
  expect(Object.fromEntries(executor.graces)).toEqual({ here: 0, there: 5_000 });
  for (const id of ['here', 'there']) executor.attemptAt(id).failed(new Error('ended'));
  await terminated;
});

test('an executor that throws fails the task that it was given, and no other', async () => {
  const broken = new RangeError('broken');
  const executor = Object.assign(new ManualExecutor(), {
    run: (attempt: Attempt) => {
      if (attempt.id === 'bad') throw broken;
      attempt.done(attempt.id);
    },
  });
  const { scheduler, queue } = oneQueue({ executor });
  const [good, bad] = [queue.submit({ id: 'good' }, pass), queue.submit({ id: 'bad' }, pass)];
  scheduler.start();
  expect(await bad.settled()).toEqual({ status: 'failed', error: broken });
  expect(await good.result()).toBe('good');
  expect(queue.actor.getSnapshot().context.ledger.slotsTaken).toBe(0);
});
