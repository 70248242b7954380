/** Whole runs with everything in them: every span that begins ends once, and says what the scheduler says. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Recorder } from '../../src/inspect/recorder/recorder.js';
import { type Handle, outcomeKind, Scheduler, taskContext } from '../../src/index.js';
import { instrument } from '../../src/opentelemetry/index.js';
import { memoryStore } from '../../src/store/index.js';
import { scaledRuns } from '../support/property-runs.js';
import { metered, traced } from './otel-kit.js';
import { property } from '../support/property.js';

/** What a task of a run does. */
type Deed = 'done' | 'throw' | 'stream' | 'flaky' | 'hand over' | 'wait' | 'cancelled';
const deeds: readonly Deed[] = ['done', 'throw', 'stream', 'flaky', 'hand over', 'wait', 'cancelled'];

describe('the spans of a run', () => {
  property([fc.array(fc.record({ deed: fc.constantFrom(...deeds), needs: fc.nat(), urgent: fc.boolean() }))], {
    numRuns: scaledRuns(30),
  })('for any tasks, are one for each and one for each attempt, ended once, as the scheduler tells', async (plans) => {
    const spans = traced();
    const metrics = metered();
    const scheduler = new Scheduler();
    const instrumented = instrument(scheduler, { tracer: spans.tracer, meter: metrics.meter });
    // Both look at one runtime.
    const recorder = new Recorder(scheduler._engine, { maxRows: 1_000, keepsWork: false });
    await recorder.attach();
    const queue = scheduler.queue('q', { concurrency: 2, preempt: true, graceMs: 0 });
    const told = new Map<string, { kind: string; attempt: number }>();
    scheduler.on('settled', ({ id, kind, attempt }) => told.set(id, { kind, attempt }));
    const handles: Handle<unknown>[] = [];
    scheduler.start();
    for (const { deed, needs, urgent } of plans) {
      const needed = handles.length === 0 ? undefined : handles[needs % handles.length];
      const options = {
        priority: urgent ? 1 : 0,
        retry: { attempts: deed === 'flaky' ? 2 : 1, backoffMs: 0 },
        ...(needed === undefined || needs % 3 === 0 ? {} : { after: [needed] }),
      };
      const handle = submit(queue, deed, options);
      handles.push(handle);
      if (needs % 2 === 0) await Promise.resolve();
      if (deed === 'cancelled') handle.cancel('enough');
    }
    const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
    await scheduler.close();
    recorder.detach();

    const all = spans.exporter.getFinishedSpans();
    const tasks = all.filter(({ name }) => name.startsWith('task '));
    expect(tasks).toHaveLength(told.size);
    // What the end of the instrument alone has ended has no outcome.
    const outcomeOf = ({ attributes }: (typeof all)[number]) =>
      attributes['pullgraph.attempt.outcome'] ?? attributes['pullgraph.task.outcome'];
    expect(all.filter((span) => outcomeOf(span) === undefined)).toEqual([]);
    for (const { attributes } of tasks) {
      const id = String(attributes['pullgraph.task.id']);
      const attempts = all.filter(
        (span) => span.name.startsWith('attempt ') && span.attributes['pullgraph.task.id'] === id,
      );
      expect([attributes['pullgraph.task.outcome'], attributes['pullgraph.task.attempts']]).toEqual([
        told.get(id)?.kind,
        told.get(id)?.attempt,
      ]);
      // An attempt that was granted and not begun has no span.
      expect(attempts.length).toBeLessThanOrEqual(told.get(id)?.attempt ?? 0);
      if (told.get(id)?.kind === 'done') expect(attempts).toHaveLength(told.get(id)?.attempt ?? 0);
    }
    expect(new Set(all.map((span) => span.spanContext().spanId)).size).toBe(all.length);
    const settled = await metrics.values('pullgraph.task.settled');
    expect(settled.reduce((sum, [, count]) => sum + count, 0)).toBe(told.size);
    expect(outcomes.map(outcomeKind).filter((kind) => kind === 'done').length).toBe(
      [...told.values()].filter(({ kind }) => kind === 'done').length - nestedIn(told, handles),
    );
    expect(instrumented.errors).toBe(0);
  });

  it('say which outcomes a store has given back', async () => {
    const store = memoryStore();
    const spans = traced();
    for (const run of [1, 2]) {
      const scheduler = new Scheduler({ store });
      instrument(scheduler, { tracer: spans.tracer });
      const queue = scheduler.queue('kept');
      const first = queue.submit({ key: 'one', version: 1 }, () => 1);
      const second = queue.submit({ key: 'two', version: 1 }, (n: number) => n + 1, first);
      scheduler.start();
      expect(await second.result()).toBe(2);
      await scheduler.close();
      const restored = spans.exporter
        .getFinishedSpans()
        .map(({ name, attributes }) => [name, attributes['pullgraph.task.restored'] ?? false]);
      const ran = [
        ['attempt (anonymous)', false],
        ['task (anonymous)', false],
      ];
      const again = ['task (anonymous)', true];
      expect(restored).toEqual(run === 1 ? [...ran, ...ran] : [again, again]);
      spans.exporter.reset();
    }
  });
});

function submit(queue: ReturnType<Scheduler['queue']>, deed: Deed, options: object): Handle<unknown> {
  switch (deed) {
    case 'throw':
      return queue.submit(options, function fails(): never {
        throw new RangeError('no');
      });
    case 'stream':
      return queue.submit(options, function* streams() {
        yield 1;
        yield 2;
      });
    case 'flaky':
      return queue.submit(options, function flaky() {
        if (taskContext().attempt === 1) throw new Error('once');
      });
    case 'hand over':
      return queue.submit(options, function handsOver() {
        return queue.submit({ id: `inner ${taskContext().id} ${taskContext().attempt}` }, function inner() {});
      });
    case 'wait':
    case 'cancelled':
      return queue.submit(options, async function waits() {
        const own = taskContext().signal;
        await new Promise((resolve) => setImmediate(resolve));
        own.throwIfAborted();
      });
    case 'done':
      return queue.submit(options, function does() {});
    default:
      return deed satisfies never;
  }
}

/** How many tasks that functions have submitted are done. */
function nestedIn(told: ReadonlyMap<string, { kind: string }>, handles: readonly Handle<unknown>[]): number {
  const ids = new Set<string>(handles.map(({ id }) => id));
  return [...told].filter(([id, { kind }]) => !ids.has(id) && kind === 'done').length;
}
