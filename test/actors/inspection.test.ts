import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, createMachine, type InspectionEvent, sendTo } from 'xstate';
import { type Handle, Scheduler, type SchedulerOptions } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { property } from '../support/property.js';
import { settleDown } from '../support/scheduler-comparison.js';

function* twoNumbers(): Generator<number> {
  yield 1;
  yield 2;
}

/** One task that streams, one that needs its second result, one that fails, one that needs that one. */
async function run(options: SchedulerOptions): Promise<readonly Handle<unknown>[]> {
  await using scheduler = new Scheduler(options);
  const queue = scheduler.queue('work', { concurrency: 1 });
  const stream = queue.submit({ id: 'stream' }, twoNumbers);
  const double = queue.submit({ id: 'double' }, (n: number) => n * 2, stream.at(1));
  const failing = queue.submit({ id: 'failing' }, (): number => {
    throw new Error('broken');
  });
  const dependent = queue.submit({ id: 'dependent' }, (n: number) => n, failing);
  const handles = [stream, double, failing, dependent];
  scheduler.start();
  await Promise.all(handles.map((handle) => handle.settled()));
  return handles;
}

describe('an inspector', () => {
  test('sees the actors of the scheduler, of its queues and of the tasks that start', async () => {
    const { events, inspect } = recorder();
    await run({ inspect });
    const actors = events.filter(({ type }) => type === '@xstate.actor');
    expect(actors.map((event) => idOf(event))).toEqual(['scheduler', 'work', 'failing', 'stream', 'double']);
    const [first] = actors;
    expect(new Set(actors.map(({ rootId }) => rootId))).toEqual(new Set([first?.rootId]));
  });

  test('sees every event that comes to them, in order', async () => {
    const { events, inspect } = recorder();
    await run({ inspect });
    expect(eventsTo('stream', events)).toEqual([
      'xstate.init',
      'start.granted',
      'partial.delivered',
      'partial.delivered',
      'attempt.done',
    ]);
    expect(eventsTo('failing', events)).toEqual(['xstate.init', 'start.granted', 'attempt.failed']);
    expect(eventsTo('work', events)).toEqual([
      'xstate.init',
      'scheduler.started',
      'task.offered',
      'slot.returned',
      'task.offered',
      'slot.returned',
      'task.offered',
      'slot.returned',
      'close.requested',
      'scheduler.stopped',
    ]);
    const toScheduler = eventsTo('scheduler', events);
    expect(toScheduler.slice(0, 3)).toEqual(['xstate.init', 'start.requested', 'work.changed']);
    expect(toScheduler).toContain('selection.ended');
    expect(toScheduler.slice(-3)).toEqual(['close.requested', 'selection.ended', 'executors.closed']);
  });

  test('sees every snapshot that they take', async () => {
    const { events, inspect } = recorder();
    await run({ inspect });
    const values = (id: string): unknown[] =>
      events.filter((event) => event.type === '@xstate.snapshot' && idOf(event) === id).map(valueOf);
    expect(values('stream')).toEqual(['ready', 'running', 'partial', 'partial', 'done']);
    expect(values('failing')).toEqual(['ready', 'running', 'failed']);
    expect(values('scheduler')[0]).toBe('stopped');
    expect(values('scheduler').at(-1)).toBe('closed');
    expect(values('work').at(-1)).toEqual({ admission: 'closed', gate: 'shut', flow: 'flowing', activity: 'idle' });
  });

  test('can be an observer object', async () => {
    const { events, inspect } = recorder();
    await run({ inspect: { next: inspect } });
    expect(eventsTo('stream', events)).toContain('attempt.done');
  });

  test("of the parent's system sees a scheduler that has a parent", async () => {
    const { events, inspect } = recorder();
    const parent = createActor(createMachine({ id: 'service' }), { inspect }).start();
    await run({ parent });
    const actors = events.filter(({ type }) => type === '@xstate.actor').map((event) => idOf(event));
    expect(actors.slice(1)).toEqual(['scheduler', 'work', 'failing', 'stream', 'double']);
  });

  test('that comes to the system later sees the actors made from then on, by their ids', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    const ids: string[] = [];
    scheduler.actor.system.inspect((event) => {
      if (event.type === '@xstate.actor') ids.push(idOf(event));
    });
    queue.submit({ id: 'late' }, () => 1);
    scheduler.queue('other');
    scheduler.start();
    await scheduler.wait();
    expect(ids).toEqual(['other', 'late']);
  });

  test('hears nothing of an actor that is asked for when its task has settled', async () => {
    const { events, inspect } = recorder();
    const [stream] = await run({ inspect });
    const before = events.length;
    expect(stream?.actor.getSnapshot().value).toBe('done');
    expect(events.slice(before)).toEqual([]);
  });

  test('hears once of an event that a machine in the same system sends to a task', async () => {
    const { events, inspect } = recorder();
    await using scheduler = new Scheduler({ inspect });
    const handle = scheduler.queue('q').submit({ id: 'task' }, () => 1);
    const cancel = sendTo(handle.actor, { type: 'cancel.requested', reason: 'enough' } as never);
    const machine = createMachine({ on: { cancel: { actions: cancel } } });
    const sender = createActor(machine, { id: 'sender', parent: scheduler.actor as AnyActorRef }).start();
    sender.send({ type: 'cancel' });
    expect(await handle.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
    expect(eventsTo('task', events)).toEqual(['xstate.init', 'cancel.requested']);
  });

  test('may look at the snapshot of any actor at any event', async () => {
    const seen = new Set<AnyActorRef>();
    let looks = 0;
    await run({
      inspect: (event) => {
        if (event.type !== '@xstate.actor')
          for (const actor of seen) looks += actor.getSnapshot() === undefined ? 0 : 1;
        seen.add(event.actorRef as AnyActorRef);
      },
    });
    expect(looks).toBeGreaterThan(100);
  });
});

/** A task: how it ends, after how many partial results, and how far back its dependencies stand. */
const anyTask = fc.record({
  fails: fc.boolean(),
  partials: fc.nat(2),
  back: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
});

property([fc.array(anyTask, { maxLength: 25 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 20 })])(
  'for any graph, with a stop on the way, a run is the same with an inspector as without',
  async (tasks, concurrency, stopAt) => {
    const story = async (inspect?: SchedulerOptions['inspect']): Promise<unknown> => {
      const executor = new ManualExecutor();
      const scheduler = new Scheduler(inspect === undefined ? {} : { inspect });
      const queue = scheduler.queue('q', { concurrency, executor });
      const events: unknown[] = [];
      for (const type of ['task', 'partial', 'scheduler', 'stalled'] as const) {
        scheduler.on(type, (event) => events.push(event));
      }
      const handles: Handle<unknown>[] = [];
      for (const [index, { back }] of tasks.entries()) {
        const after = back.flatMap((distance) => handles[index - distance] ?? []);
        handles.push(queue.stream({ id: `${index}`, after }, () => []));
      }
      scheduler.start();
      await settleDown();
      for (let ended = 0; ended < executor.started.length; ended += 1) {
        const attempt = executor.started[ended];
        const task = tasks[Number(attempt?.id)];
        if (ended === stopAt) void scheduler.stop();
        for (let index = 0; index < (task?.partials ?? 0); index += 1) attempt?.partial(index);
        if (task?.fails === true) attempt?.failed('broken');
        else attempt?.done(undefined);
        await settleDown();
        if (ended === stopAt) scheduler.start();
        await settleDown();
      }
      const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
      await scheduler.close();
      return { events, outcomes, counts: scheduler._counts };
    };
    let inspected = 0;
    const withInspector = await story(() => {
      inspected += 1;
    });
    expect(inspected).toBeGreaterThan(0);
    expect(withInspector).toEqual(await story());
  },
);

function recorder(): { events: InspectionEvent[]; inspect: (event: InspectionEvent) => void } {
  const events: InspectionEvent[] = [];
  return { events, inspect: (event) => void events.push(event) };
}

function idOf(event: InspectionEvent): string {
  return (event.actorRef as AnyActorRef).id;
}

function valueOf(event: InspectionEvent): unknown {
  return event.type === '@xstate.snapshot' && 'value' in event.snapshot ? event.snapshot.value : undefined;
}

/** Types of the events that came to the actor of that id. */
function eventsTo(id: string, events: readonly InspectionEvent[]): string[] {
  return events.flatMap((event) => (event.type === '@xstate.event' && idOf(event) === id ? event.event.type : []));
}
