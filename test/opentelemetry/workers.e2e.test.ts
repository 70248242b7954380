/** One trace across threads, processes, distributed workers and commands: what a function there finds is the span of its attempt here. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Executor, Scheduler } from 'pullgraph';
import { distributed, startWorker } from 'pullgraph/distributed';
import { processes, threads } from 'pullgraph/executors';
import { instrument } from 'pullgraph/opentelemetry';
import { aRedis, BEATS } from '../distributed/distributed-kit.js';
import { SKIPS_REDIS } from '../distributed/redis-server.js';
import * as active from './fixtures/active.js';
import { traced, withContexts } from './otel-kit.js';

let disable = (): void => undefined;
beforeAll(() => {
  disable = withContexts();
});
afterAll(() => disable());

const module_ = new URL('./fixtures/active.js', import.meta.url);
const executors: readonly (readonly [name: string, make: () => Executor])[] = [
  ['threads', () => threads(module_, { size: 1 })],
  ['processes', () => processes(module_, { size: 1 })],
];

describe.each(executors)('an attempt in %s', (_, make) => {
  it('has the context of its span, in every step and beyond awaits', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('remote', { executor: make() });
    scheduler.start();
    const [found, steps] = await Promise.all([
      queue.submit(active.whereAmI).result(),
      queue.submit(active.inSteps).result(),
    ]);
    await scheduler.close();
    const { traceId, spanId } = spans.only('attempt whereAmI').spanContext();
    const here = { traceId, spanId, isRemote: true };
    expect(found).toMatchObject({
      before: here,
      after: here,
      headers: { traceparent: `00-${traceId}-${spanId}-01` },
    });
    const stepped = spans.only('attempt inSteps').spanContext().spanId;
    expect(steps.map((step) => step?.spanId)).toEqual([stepped, stepped]);
  });

  it('finds none where the scheduler is not instrumented', async () => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('remote', { executor: make() });
    scheduler.start();
    expect(await queue.submit(active.whereAmI).result()).toEqual({
      before: undefined,
      after: undefined,
      headers: undefined,
    });
    await scheduler.close();
  });
});

describe.skipIf(SKIPS_REDIS)('an attempt on a distributed worker', () => {
  it('has the context of its span', async () => {
    const redis = await aRedis();
    const place = { connection: redis.url, prefix: redis.prefix, ...BEATS };
    const worker = await startWorker(module_, { ...place, slots: 1 });
    onTestFinished(() => worker.close());
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('remote', { executor: distributed(module_, place) });
    scheduler.start();
    const found = await queue.submit(active.whereAmI).result();
    await scheduler.close();
    const { traceId, spanId } = spans.only('attempt whereAmI').spanContext();
    expect(found).toMatchObject({
      after: { traceId, spanId, isRemote: true },
      headers: { traceparent: `00-${traceId}-${spanId}-01` },
    });
  });
});

describe('a command', () => {
  it('finds the context of its attempt in TRACEPARENT', async () => {
    const spans = traced();
    const scheduler = new Scheduler();
    instrument(scheduler, { tracer: spans.tracer });
    const queue = scheduler.queue('programs', { executor: processes() });
    scheduler.start();
    const result = await queue.run(process.execPath, ['-p', 'process.env.TRACEPARENT']).result();
    await scheduler.close();
    const attempt = spans.only('attempt node');
    const { traceId, spanId } = attempt.spanContext();
    expect(result.stdout.trim()).toBe(`00-${traceId}-${spanId}-01`);
    expect(attempt.attributes).toMatchObject({
      'pullgraph.executor.name': 'processes',
      'process.executable.name': 'node',
    });
  });
});
