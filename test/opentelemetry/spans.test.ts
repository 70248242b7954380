/** The spans of tasks and attempts: which there are, what they say, and what they are children of and linked to. */
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attempt, type Executor, Scheduler, taskContext } from '../../src/index.js';
import { instrument } from '../../src/opentelemetry/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { Gate } from '../support/gate.js';
import { idOf, parentOf, traced, withContexts } from './otel-kit.js';

let disable = (): void => undefined;
beforeAll(() => {
  disable = withContexts();
});
afterAll(() => disable());

describe('spans', () => {
  it('are one for each task, linked to those of its dependencies, and a child for each attempt', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('compute', { concurrency: 2 });
    const load = (n: number): number => n;
    const add = (a: number, b: number): number => a + b;
    const one = queue.submit(load, 1);
    const two = queue.submit({ id: 'two', priority: 3 }, load, 2);
    const sum = queue.submit(add, one, two);
    scheduler.start();
    await expect(sum.result()).resolves.toBe(3);
    await scheduler.close();

    const added = spans.only('task add');
    expect(added.attributes).toEqual({
      'code.function.name': 'add',
      'pullgraph.queue.name': 'compute',
      'pullgraph.task.id': sum.id,
      'pullgraph.task.dependencies': 2,
      'pullgraph.task.attempts': 1,
      'pullgraph.task.outcome': 'done',
    });
    const loaded = spans.named('task load');
    const ofTwo = loaded.find(({ attributes }) => attributes['pullgraph.task.id'] === 'two');
    expect(ofTwo?.attributes['pullgraph.task.priority']).toBe(3);
    expect(new Set(added.links.map((link) => link.context.spanId))).toEqual(new Set(loaded.map(idOf)));
    const attempt = spans.only('attempt add');
    expect(parentOf(attempt)).toBe(idOf(added));
    expect(attempt.attributes).toEqual({
      'code.function.name': 'add',
      'pullgraph.queue.name': 'compute',
      'pullgraph.task.id': sum.id,
      'pullgraph.executor.name': 'inline',
      'pullgraph.attempt.number': 1,
      'pullgraph.attempt.outcome': 'done',
    });
    expect(added.parentSpanContext).toBeUndefined();
  });

  it('are children of the span that is active at the submission, or of the trace that is given', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('compute');
    const request = spans.tracer.startSpan('request');
    context.with(trace.setSpan(ROOT_CONTEXT, request), () => {
      queue.submit(function inRequest() {});
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    queue.submit({ trace: { traceparent } }, function ofMessage() {});
    queue.submit({ trace: { traceparent: 'nonsense' } }, function ofNobody() {});
    scheduler.start();
    await scheduler.close();
    expect(parentOf(spans.only('task inRequest'))).toBe(idOf(request));
    const ofMessage = spans.only('task ofMessage');
    expect(ofMessage.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
    expect(ofMessage.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(parentOf(spans.only('task ofNobody'))).toBeUndefined();
  });

  it('are active in functions and in every step of generators, beyond awaits', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('compute', { concurrency: 4 });
    const active = (): string => trace.getActiveSpan()?.spanContext().spanId ?? 'none';
    async function plain(): Promise<string[]> {
      const { trace: headers } = taskContext();
      const before = active();
      await new Promise((resolve) => setImmediate(resolve));
      return [before, active(), headers?.['traceparent']?.split('-')[2] ?? ''];
    }
    function* steps() {
      yield active();
      yield active();
    }
    async function* asyncSteps() {
      yield active();
      await Promise.resolve();
      yield active();
    }
    const nested = async (): Promise<string> => queue.submit(function inner() {}).id;
    const handles = [queue.submit(plain), queue.submit(steps), queue.submit(asyncSteps)];
    queue.submit(nested);
    scheduler.start();
    const results = await Promise.all(handles.map((handle) => handle.result()));
    await scheduler.close();
    for (const [index, name] of ['plain', 'steps', 'asyncSteps'].entries()) {
      const own = idOf(spans.only(`attempt ${name}`));
      expect(
        results[index]?.every((id) => id === own),
        `${name}: ${String(results[index])} are ${own}`,
      ).toBe(true);
    }
    expect(parentOf(spans.only('task inner'))).toBe(idOf(spans.only('attempt nested')));
  });

  it('tell of a failed attempt its exception, and of the tasks that fail for it the type', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('compute', { retry: { attempts: 2, backoffMs: 0 } });
    let calls = 0;
    const flaky = (): void => {
      calls += 1;
      throw calls === 1 ? new RangeError('out of reach') : new TypeError('of no kind');
    };
    const failed = queue.submit(flaky);
    const dependent = queue.submit((value: unknown) => value, failed);
    scheduler.start();
    await Promise.all([failed.settled(), dependent.settled()]);
    await scheduler.close();
    const attempts = spans.named('attempt flaky');
    expect(attempts.map(({ attributes }) => attributes['pullgraph.attempt.number'])).toEqual([1, 2]);
    expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['RangeError', 'TypeError']);
    expect(attempts[0]?.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'RangeError', 'exception.message': 'out of reach' } },
    ]);
    expect(attempts[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'out of reach' });
    expect(spans.only('task flaky').attributes).toMatchObject({
      'pullgraph.task.outcome': 'failed',
      'pullgraph.task.attempts': 2,
      'error.type': 'TypeError',
    });
    const task = spans.only('task (anonymous)');
    expect(task.attributes).toMatchObject({
      'pullgraph.task.outcome': 'dependency-failed',
      'error.type': 'DependencyFailed',
    });
    expect(task.events).toEqual([]);
  });

  it('show of errors what redact leaves', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    const seen: unknown[] = [];
    instrument(scheduler, {
      tracer: spans.tracer,
      redact: (error, task) => {
        seen.push(task);
        return task.id === 'a' ? 'hidden' : task.id === 'b' ? undefined : error;
      },
    });
    const queue = scheduler.queue('secret');
    const leak = (): never => {
      throw new Error('password hunter2');
    };
    for (const id of ['a', 'b']) queue.submit({ id }, leak);
    scheduler.start();
    await scheduler.wait().catch(() => undefined);
    await scheduler.close().catch(() => undefined);
    const all = spans.exporter.getFinishedSpans();
    expect(JSON.stringify(all.map(({ events, status, attributes }) => [events, status, attributes]))).not.toContain(
      'hunter2',
    );
    const ofTask = (id: string) => spans.named('attempt leak').find((s) => s.attributes['pullgraph.task.id'] === id);
    expect(ofTask('a')?.status.message).toBe('hidden');
    expect(ofTask('b')).toMatchObject({ status: { code: SpanStatusCode.ERROR }, events: [] });
    expect(ofTask('b')?.attributes['error.type']).toBe('Error');
    expect(seen).toContainEqual({ id: 'a', queue: 'secret', fn: 'leak' });
  });

  it('of a cancelled task ends at once, of its attempt when that has ended', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const executor = new ManualExecutor();
    const queue = scheduler.queue('manual', { executor });
    const handle = queue.submit({ id: 'long' }, function long() {});
    scheduler.start();
    await expect.poll(() => executor.started.length).toBe(1);
    handle.cancel('enough');
    await handle.settled();
    expect(spans.only('task long').attributes['pullgraph.task.outcome']).toBe('cancelled');
    expect(spans.named('attempt long')).toEqual([]);
    executor.attemptAt('long').failed(new Error('stopped'));
    const attempt = spans.only('attempt long');
    expect(attempt.attributes['pullgraph.attempt.outcome']).toBe('cancelled');
    expect(attempt.status.code).toBe(SpanStatusCode.UNSET);
    await scheduler.close();
  });

  it('tell an evicted attempt, one that timed out, and one that a stop has taken back', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const executor = new ManualExecutor();
    const queue = scheduler.queue('manual', { executor, preempt: true, concurrency: 1 });
    const low = queue.submit({ id: 'low' }, function low() {});
    scheduler.start();
    await expect.poll(() => executor.started.length).toBe(1);
    const high = queue.submit({ id: 'high', priority: 1 }, function high() {});
    await expect.poll(() => executor.aborted.size).toBe(1);
    executor.attemptAt('low').failed(new Error('aborted'));
    await expect.poll(() => executor.started.length).toBe(2);
    executor.attemptAt('high').done(1);
    await high.result();
    await expect.poll(() => executor.started.length).toBe(3);
    executor.attemptAt('low').done(2);
    await low.result();
    const timed = queue.submit({ id: 'late', timeoutMs: 1 }, function late() {});
    await expect.poll(() => executor.aborted.has('late')).toBe(true);
    executor.attemptAt('late').failed(new Error('aborted'));
    await timed.settled();
    await scheduler.close().catch(() => undefined);
    const outcomes = (name: string) =>
      spans.named(`attempt ${name}`).map(({ attributes }) => attributes['pullgraph.attempt.outcome']);
    expect(outcomes('low')).toEqual(['evicted', 'done']);
    expect(outcomes('late')).toEqual(['timed-out']);

    const stopped = traced();
    const other = new Scheduler();
    instrument(other, { tracer: stopped.tracer });
    const withdrawing: Executor & { attempts: Attempt[] } = {
      name: 'withdrawing',
      attempts: [],
      run(attempt) {
        this.attempts.push(attempt);
      },
      abort: () => undefined,
      close: () => Promise.resolve(),
    };
    const slow = other.queue('slow', { executor: withdrawing });
    const task = slow.submit(function begun() {});
    other.start();
    await expect.poll(() => withdrawing.attempts.length).toBe(1);
    void other.stop();
    expect(withdrawing.attempts[0]?.begins?.()).toBe(false);
    other.start();
    await expect.poll(() => withdrawing.attempts.length).toBe(2);
    withdrawing.attempts[1]?.done(undefined);
    await task.result();
    await other.close();
    const tries = stopped.named('attempt begun').map(({ attributes }) => attributes['pullgraph.attempt.outcome']);
    expect(tries).toEqual(['withdrawn', 'done']);
  });

  it('take over what was there before, and leave out what had settled', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    const gate = new Gate();
    const queue = scheduler.queue('compute', { concurrency: 1 });
    const early = queue.submit(function early() {});
    scheduler.start();
    await early.result();
    const running = queue.submit(async function running() {
      await gate.promise;
    });
    await expect.poll(() => queue.running).toBe(1);
    const waiting = queue.submit({ after: [early, running] }, function waiting() {});
    instrument(scheduler, { tracer: spans.tracer });
    const late = queue.submit({ after: [early, waiting] }, function late() {});
    gate.open();
    await late.result();
    await scheduler.close();
    expect(spans.named('task early')).toEqual([]);
    expect(spans.only('task running').attributes['pullgraph.task.adopted']).toBe(true);
    expect(parentOf(spans.only('attempt running'))).toBe(idOf(spans.only('task running')));
    const adopted = spans.only('task waiting');
    expect(adopted.links.map((link) => link.context.spanId)).toEqual([idOf(spans.only('task running'))]);
    expect(spans.only('task late').links.map((link) => link.context.spanId)).toEqual([idOf(adopted)]);
    expect(spans.only('task late').attributes['pullgraph.task.adopted']).toBeUndefined();
  });

  it('end when the instrument is disposed of; another may follow', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    const first = instrument(scheduler, { tracer: spans.tracer });
    expect(() => instrument(scheduler, { tracer: spans.tracer })).toThrow('instrumented already');
    const gate = new Gate();
    const queue = scheduler.queue('compute');
    const handle = queue.submit(async function open_() {
      await gate.promise;
    });
    scheduler.start();
    await expect.poll(() => queue.running).toBe(1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(spans.exporter.getFinishedSpans()).toHaveLength(2);
    expect(spans.only('task open_').attributes['pullgraph.task.outcome']).toBeUndefined();
    const second = instrument(scheduler, { tracer: spans.tracer });
    gate.open();
    await handle.result();
    await scheduler.close();
    expect(spans.named('task open_')).toHaveLength(2);
    expect(second.errors).toBe(0);
  });

  it('of fed tasks begin traces of their own', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('compute');
    scheduler.start();
    const request = spans.tracer.startSpan('request');
    const feed = context.with(trace.setSpan(ROOT_CONTEXT, request), () => queue.from([1, 2, 3], function fed() {}));
    await feed.done();
    await scheduler.close();
    expect(spans.named('task fed').map(parentOf)).toEqual([undefined, undefined, undefined]);
  });

  it('are harmed by nothing that others throw, which is counted', async () => {
    const scheduler = new Scheduler();
    const spans = traced();
    let starts = 0;
    const tracer = {
      startSpan: (...args: Parameters<typeof spans.tracer.startSpan>) => {
        starts += 1;
        if (starts % 2 === 0) throw new Error('no span');
        return spans.tracer.startSpan(...args);
      },
      startActiveSpan: spans.tracer.startActiveSpan.bind(spans.tracer),
    };
    const instrumented = instrument(scheduler, {
      tracer,
      redact: () => {
        throw new Error('no redaction');
      },
    });
    const queue = scheduler.queue('compute');
    const fail = (): never => {
      throw new Error('own');
    };
    const handles = [queue.submit(() => 1), queue.submit(() => 2), queue.submit(fail)];
    scheduler.start();
    const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'failed']);
    expect(instrumented.errors).toBeGreaterThan(2);
    expect(instrumented.lastError).toBeInstanceOf(Error);
    await scheduler.close();
  });

  it('carry what a propagator writes, within the bounds of headers', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const executor = new ManualExecutor();
    const queue = scheduler.queue('manual', { executor });
    let baggage = 'tenant=7';
    propagation.setGlobalPropagator({
      inject: (_, carrier, setter) => setter.set(carrier, 'baggage', baggage),
      extract: (given) => given,
      fields: () => ['baggage'],
    });
    try {
      queue.submit({ id: 'small' }, function small() {});
      scheduler.start();
      await expect.poll(() => executor.started.length).toBe(1);
      const traceparent: unknown = expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
      expect(executor.attemptAt('small').trace).toEqual({ traceparent, baggage });
      executor.attemptAt('small').done(1);
      baggage = 'x'.repeat(10_000);
      queue.submit({ id: 'large' }, function large() {});
      await expect.poll(() => executor.started.length).toBe(2);
      expect(executor.attemptAt('large').trace).toEqual({ traceparent });
      executor.attemptAt('large').done(1);
    } finally {
      propagation.disable();
    }
    await scheduler.close();
  });
});

describe('the trace of a task', () => {
  it('reaches its function also in a scheduler that is not instrumented', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('compute');
    const traceHeaders = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const told = queue.submit({ trace: traceHeaders }, () => taskContext().trace);
    const none = queue.submit(() => taskContext().trace);
    scheduler.start();
    expect(await told.result()).toEqual(traceHeaders);
    expect(await none.result()).toBeUndefined();
    expect(() => queue.submit({ trace: { traceparent: 1 as unknown as string } }, () => 1)).toThrow(
      'trace must be an object of strings',
    );
    await scheduler.close();
  });
});
