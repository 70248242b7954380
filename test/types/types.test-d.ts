import { describe, expectTypeOf, test } from 'vitest';
import type { ActorRefFrom, StateValue } from 'xstate';
import {
  type Handle,
  type Outcome,
  type Queue,
  Scheduler,
  type SchedulerEvents,
  type SchedulerEventUnion,
  type SchedulerState,
  type schedulerLogic,
  type StreamHandle,
  type TaskContext,
  taskContext,
  type TaskState,
  type Why,
} from '../../src/index.js';
import { double, lines, numbers, numeric, queue, repeat, scheduler, text, twoKinds } from './typed-tasks.js';

describe('the handle that submit returns', () => {
  test('is of what a function returns, without annotations', () => {
    expectTypeOf(queue.submit(double, 1)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(() => 'a')).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit(() => undefined)).toEqualTypeOf<Handle<undefined>>();
    expectTypeOf(queue.submit(() => ({ at: 1, all: [2] }))).toEqualTypeOf<Handle<{ at: number; all: number[] }>>();
    expectTypeOf(queue.submit((n: number): void => void n, 1)).toEqualTypeOf<Handle<void>>();
  });

  test('is of what the promise of an async function holds', () => {
    expectTypeOf(queue.submit(async () => 1)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(() => Promise.resolve(Promise.resolve('a')))).toEqualTypeOf<Handle<string>>();
    expectTypeOf(queue.submit((): Promise<number> | string => 'a')).toEqualTypeOf<Handle<number | string>>();
  });

  test('is of many results for a generator function, sync and async', () => {
    const rows = queue.submit(function* (n: number) {
      yield n;
      return 'not a result';
    }, 1);
    expectTypeOf(rows).toEqualTypeOf<StreamHandle<number>>();
    const words = queue.submit(async function* () {
      yield Promise.resolve('a');
    });
    expectTypeOf(words).toEqualTypeOf<StreamHandle<string>>();
    expectTypeOf(queue.submit({ results: 3 }, twoKinds)).toEqualTypeOf<StreamHandle<number | string>>();
  });

  test('is one handle of a union, not a union of handles', () => {
    expectTypeOf(queue.submit((): number | string => 1)).toEqualTypeOf<Handle<number | string>>();
    expectTypeOf(queue.submit((n: number) => n > 0, 1)).toEqualTypeOf<Handle<boolean>>();
    expectTypeOf(queue.submit((): number | undefined => 1)).toEqualTypeOf<Handle<number | undefined>>();
  });

  test('is a handle also where a function returns never, any or unknown', () => {
    const fails = (): never => {
      throw new Error('broken');
    };
    expectTypeOf(queue.submit(fails)).toEqualTypeOf<Handle<never>>();
    expectTypeOf(queue.submit((): unknown => 1)).toEqualTypeOf<Handle<unknown>>();
    expectTypeOf(queue.submit(JSON.parse, text)).toHaveProperty('result');
    // What JSON.parse gives may be used as anything, so its handle may too.
    expectTypeOf(queue.submit(double, queue.submit(JSON.parse, text))).toEqualTypeOf<Handle<number>>();
  });

  test('gives a value, an outcome and a reason of the right types', () => {
    expectTypeOf(numeric.result()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(numeric.settled()).toEqualTypeOf<Promise<Outcome<number>>>();
    expectTypeOf(numbers.result()).toEqualTypeOf<Promise<number[]>>();
    expectTypeOf(numeric.state).toEqualTypeOf<TaskState>();
    expectTypeOf(numeric.why()).toEqualTypeOf<Why>();
    expectTypeOf(numeric.cancel('too late')).toEqualTypeOf<boolean>();
  });

  test('is no thenable', async () => {
    expectTypeOf<Handle<number>>().not.toHaveProperty('then');
    expectTypeOf(await Promise.resolve(numeric)).toEqualTypeOf<Handle<number>>();
  });
});

describe('stream', () => {
  test('gives a handle of many results for any function that returns something iterable', () => {
    expectTypeOf(queue.stream((n: number) => [n], numeric)).toEqualTypeOf<StreamHandle<number>>();
    expectTypeOf(queue.stream(() => new Set(['a']))).toEqualTypeOf<StreamHandle<string>>();
    expectTypeOf(queue.stream(async () => [1, 2])).toEqualTypeOf<StreamHandle<number>>();
    expectTypeOf(queue.stream((): AsyncIterable<string> => lines())).toEqualTypeOf<StreamHandle<string>>();
    expectTypeOf(queue.stream({ results: 2 }, (n: number) => [n, n], numeric)).toEqualTypeOf<StreamHandle<number>>();
    expectTypeOf(queue.stream(twoKinds)).toEqualTypeOf<StreamHandle<number | string>>();
  });

  test('takes nothing else', () => {
    expectTypeOf(queue.stream(() => [text])).toEqualTypeOf<StreamHandle<Handle<string>>>();
    // @ts-expect-error: a number cannot be read one value after the other.
    queue.stream(double, 1);
    // @ts-expect-error: a string where a number is wanted.
    queue.stream((n: number) => [n], text);
  });

  test('has single results that are handles, and can be read', async () => {
    expectTypeOf(numbers.at(2)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(queue.submit(double, numbers.at(0))).toEqualTypeOf<Handle<number>>();
    for await (const value of numbers) expectTypeOf(value).toEqualTypeOf<number>();
    expectTypeOf(numeric).not.toHaveProperty('at');
    // @ts-expect-error: a result of another type.
    queue.submit(repeat, numbers.at(0));
  });
});

describe('a handle', () => {
  test('can stand for a handle of a wider type, not of a narrower one', () => {
    expectTypeOf<Handle<number>>().toExtend<Handle<number | string>>();
    expectTypeOf<Handle<number>>().toExtend<Handle<unknown>>();
    expectTypeOf<Handle<number | string>>().not.toExtend<Handle<number>>();
    expectTypeOf<Handle<number>>().not.toExtend<Handle<string>>();
    expectTypeOf<StreamHandle<number>>().toExtend<Handle<number[]>>();
    expectTypeOf<Handle<number[]>>().not.toExtend<StreamHandle<number>>();
  });

  test('cannot be made by hand', () => {
    const lookalike = { id: 'a', queue: 'q', state: 'done' as const };
    expectTypeOf(lookalike).not.toExtend<Handle<number>>();
  });

  test('has an actor whose snapshot tells state, context and outcome', () => {
    const snapshot = numeric.actor.getSnapshot();
    expectTypeOf(snapshot.value).toEqualTypeOf<StateValue>();
    expectTypeOf(snapshot.context.attempt).toEqualTypeOf<number>();
    expectTypeOf(snapshot.context.outcome).toEqualTypeOf<Outcome | undefined>();
    numeric.actor.send({ type: 'cancel.requested', reason: 'too late' });
    // @ts-expect-error: no such event.
    numeric.actor.send({ type: 'cancel' });
  });
});

describe('the scheduler', () => {
  test('gives handles in the order of their settling, of the type they are given as', async () => {
    for await (const handle of scheduler.asCompleted([numeric, numeric])) {
      expectTypeOf(handle).toEqualTypeOf<Handle<number>>();
    }
    for await (const handle of scheduler.asCompleted(new Set([numbers]))) {
      expectTypeOf(handle).toEqualTypeOf<StreamHandle<number>>();
    }
    for await (const handle of scheduler.asCompleted([numeric, text])) {
      expectTypeOf(handle).toEqualTypeOf<Handle<number> | Handle<string>>();
    }
    // @ts-expect-error: values are no handles.
    scheduler.asCompleted([1, 2]);
  });

  test('has typed events', async () => {
    const leave = scheduler.on('task', (event) => {
      expectTypeOf(event).toEqualTypeOf<SchedulerEvents['task']>();
      expectTypeOf(event.state).toEqualTypeOf<TaskState>();
      expectTypeOf(event.previous).toEqualTypeOf<TaskState>();
    });
    expectTypeOf(leave).toEqualTypeOf<() => void>();
    scheduler.on('partial', ({ index }) => expectTypeOf(index).toEqualTypeOf<number>());
    scheduler.on('scheduler', ({ state }) => expectTypeOf(state).toEqualTypeOf<SchedulerState>());
    scheduler.on('stalled', ({ tasks }) => expectTypeOf(tasks).toEqualTypeOf<readonly string[]>());
    // @ts-expect-error: no such event.
    scheduler.on('tasks', () => undefined);
    for await (const event of scheduler.events()) {
      expectTypeOf(event).toEqualTypeOf<SchedulerEventUnion>();
      if (event.type === 'partial') expectTypeOf(event.index).toEqualTypeOf<number>();
      // @ts-expect-error: only some events have an index.
      expectTypeOf(event.index).toBeNumber();
    }
  });

  test('knows its options', () => {
    expectTypeOf(new Scheduler({ onFailure: 'abort' }).queue('q')).toEqualTypeOf<Queue>();
    // @ts-expect-error: not one of the three.
    void new Scheduler({ onFailure: 'ignore' });
    // @ts-expect-error: a number of slots.
    scheduler.queue('q', { concurrency: 'many' });
    // @ts-expect-error: a queue has a name.
    scheduler.queue({ concurrency: 1 });
  });

  test('is in the context of its actor, also where it is invoked', () => {
    expectTypeOf(scheduler.actor.getSnapshot().context.scheduler).toEqualTypeOf<Scheduler>();
    type Invoked = ReturnType<ActorRefFrom<typeof schedulerLogic>['getSnapshot']>;
    expectTypeOf<Invoked['context']['scheduler']>().toEqualTypeOf<Scheduler>();
    scheduler.actor.send({ type: 'start.requested' });
    // @ts-expect-error: no such event.
    scheduler.actor.send({ type: 'start' });
  });

  test('can be disposed of', () => {
    expectTypeOf<Scheduler>().toExtend<AsyncDisposable>();
  });

  test('tells a running function its context', () => {
    expectTypeOf(taskContext()).toEqualTypeOf<TaskContext>();
    expectTypeOf(taskContext().signal).toEqualTypeOf<AbortSignal>();
  });
});
