import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import {
  type ActorRefFrom,
  assign,
  createActor,
  createMachine,
  fromPromise,
  sendTo,
  setup,
  spawnChild,
  toPromise,
  waitFor,
} from 'xstate';
import { type Handle, Scheduler, schedulerLogic } from '../../src/index.js';
import { ManualExecutor } from '../support/manual-executor.js';
import { settleDown } from '../support/scheduler-comparison.js';

let executor: ManualExecutor;
/** XState says so on the console when a message comes to an actor that has been stopped. */
let warnings: MockInstance<typeof console.warn>;

beforeEach(() => {
  executor = new ManualExecutor();
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function nothing(): void {
  throw new Error('the manual executor calls no function');
}

/** A measuring station: while it measures, a scheduler runs within it. */
const station = setup({
  types: {
    context: {} as { readonly closed: boolean; readonly setup: (scheduler: Scheduler) => void },
    events: {} as { type: 'begin' } | { type: 'finish' } | { type: 'power.lost' },
    input: {} as { readonly setup: (scheduler: Scheduler) => void },
  },
  actors: { measurements: schedulerLogic },
}).createMachine({
  id: 'station',
  context: ({ input }) => ({ closed: false, setup: input.setup }),
  initial: 'measuring',
  states: {
    measuring: {
      invoke: {
        id: 'measurements',
        src: 'measurements',
        input: ({ context }) => ({ setup: context.setup }),
        onDone: { target: 'finished', actions: assign({ closed: true }) },
        onError: 'broken',
      },
      on: {
        begin: { actions: sendTo('measurements', { type: 'start.requested' }) },
        finish: { actions: sendTo('measurements', { type: 'close.requested' }) },
        'power.lost': 'dark',
      },
    },
    dark: {},
    broken: {},
    finished: { type: 'final' },
  },
});

/** A station whose scheduler has two tasks for one slot; `second` is the first to start. */
function running(): { actor: ActorRefFrom<typeof station>; scheduler: Scheduler; handles: Handle<void>[] } {
  const made: Scheduler[] = [];
  const handles: Handle<void>[] = [];
  const actor = createActor(station, {
    input: {
      setup: (scheduler) => {
        made.push(scheduler);
        const queue = scheduler.queue('instrument', { concurrency: 1, executor });
        handles.push(queue.submit({ id: 'first' }, nothing), queue.submit({ id: 'second' }, nothing));
      },
    },
  }).start();
  const [scheduler] = made;
  if (scheduler === undefined) throw new Error('expected the scheduler to be set up when it is invoked');
  return { actor, scheduler, handles };
}

/** Has the machine leave the state while `second` runs, whose attempt then ends, and waits until the scheduler has closed. */
async function loseState({ actor, scheduler }: Pick<ReturnType<typeof running>, 'actor' | 'scheduler'>): Promise<void> {
  actor.send({ type: 'begin' });
  await settleDown();
  actor.send({ type: 'power.lost' });
  executor.attemptAt('second').failed(new Error('aborted'));
  await scheduler.close();
}

describe('a scheduler that a machine invokes', () => {
  test('runs what was submitted in its setup once it is sent start.requested', async () => {
    const { actor, scheduler } = running();
    await settleDown();
    expect([scheduler.state, executor.started.length]).toEqual(['stopped', 0]);
    actor.send({ type: 'begin' });
    await settleDown();
    expect([scheduler.state, executor.started.map(({ id }) => id)]).toEqual(['busy', ['second']]);
    executor.attemptAt('second').done(1);
    executor.attemptAt('first').done(2);
    await scheduler.wait();
    expect([scheduler.state, executor.started.map(({ id }) => id)]).toEqual(['idle', ['second', 'first']]);
  });

  test('is the child of the machine, in its system, and shows itself in its snapshot', () => {
    const { actor, scheduler } = running();
    const child = actor.getSnapshot().children['measurements'];
    expect(child).toBe(scheduler.actor);
    expect(child?.getSnapshot().context.scheduler).toBe(scheduler);
    expect(child?.system).toBe(actor.system);
    expect(scheduler.queues.get('instrument')?.actor.system).toBe(actor.system);
  });

  test('is done when it has closed, and the machine goes on', async () => {
    const { actor, scheduler } = running();
    actor.send({ type: 'begin' });
    await settleDown();
    for (const id of ['second', 'first']) {
      executor.attemptAt(id).done(1);
      await settleDown();
    }
    await scheduler.wait();
    expect(actor.getSnapshot().value).toBe('measuring');
    await scheduler.close();
    expect(actor.getSnapshot()).toMatchObject({ value: 'finished', status: 'done', context: { closed: true } });
    expect(executor.closings).toBe(1);
  });

  test('closes as by close() when it is sent close.requested: what was submitted is done', async () => {
    const { actor, scheduler, handles } = running();
    actor.send({ type: 'begin' });
    await settleDown();
    actor.send({ type: 'finish' });
    await settleDown();
    for (const id of ['second', 'first']) {
      executor.attemptAt(id).done(undefined);
      await settleDown();
    }
    expect(handles.map(({ id, state }) => `${id} ${state}`)).toEqual(['first done', 'second done']);
    expect([scheduler.state, executor.closings]).toEqual(['closed', 1]);
    expect(actor.getSnapshot().value).toBe('finished');
  });

  test('is cancelled with its running tasks and closed when the machine leaves the state', async () => {
    const { actor, scheduler, handles } = running();
    actor.send({ type: 'begin' });
    await settleDown();
    actor.send({ type: 'power.lost' });
    expect(actor.getSnapshot().value).toBe('dark');
    expect([...executor.aborted]).toEqual(['second']);
    const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
    expect(outcomes.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    // It waits for the attempt, which still has its slot.
    await settleDown();
    expect(executor.closings).toBe(0);
    executor.attemptAt('second').failed(new Error('aborted'));
    await scheduler.close();
    expect(executor.closings).toBe(1);
    expect(() => scheduler.start()).toThrow(expect.objectContaining({ code: 'SchedulerClosed' }));
    expect(() => scheduler.queue('late')).toThrow(expect.objectContaining({ code: 'SchedulerClosed' }));
  });

  test('is in the state closed after the machine has left the state', async () => {
    const { actor, scheduler } = running();
    const states: unknown[] = [];
    scheduler.on('scheduler', ({ state }) => states.push(state));
    await loseState({ actor, scheduler });
    expect(scheduler.state).toBe('closed');
    expect(states.at(-1)).toBe('closed');
  });

  test('shuts the gates of its queues when the machine leaves the state', async () => {
    const { actor, scheduler } = running();
    const queue = scheduler.queues.get('instrument')?.actor;
    actor.send({ type: 'begin' });
    await settleDown();
    actor.send({ type: 'power.lost' });
    await settleDown();
    expect(queue?.getSnapshot().value).toMatchObject({ admission: 'closed', gate: 'shut' });
    executor.attemptAt('second').failed(new Error('aborted'));
    await scheduler.close();
  });

  test('closes its executors once, also when the machine leaves the state while it closes', async () => {
    const { actor, scheduler } = running();
    actor.send({ type: 'finish' });
    actor.send({ type: 'power.lost' });
    await scheduler.close().catch(() => undefined);
    await settleDown();
    expect([scheduler.state, executor.closings]).toEqual(['closed', 1]);
  });

  test('ends the reading of its events when the machine leaves the state', async () => {
    const { actor, scheduler } = running();
    const read: string[] = [];
    const reading = (async () => {
      for await (const event of scheduler.events()) read.push(event.type);
      read.push('end');
    })();
    await loseState({ actor, scheduler });
    await settleDown();
    expect(read.at(-1)).toBe('end');
    await reading;
  });

  test('sends no message to actors that are gone when the machine leaves the state', async () => {
    const { actor, scheduler } = running();
    await loseState({ actor, scheduler });
    await settleDown();
    expect(warnings.mock.calls).toEqual([]);
  });

  test('can be left before it was started', async () => {
    const { actor, scheduler, handles } = running();
    actor.send({ type: 'power.lost' });
    const outcomes = await Promise.all(handles.map((handle) => handle.settled()));
    expect(outcomes.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    await scheduler.close();
    expect(executor.started).toEqual([]);
    expect(executor.closings).toBe(1);
  });

  test('brings the machine to its onError when its setup throws', () => {
    const actor = createActor(station, {
      input: {
        setup: () => {
          throw new Error('no instrument');
        },
      },
    }).start();
    expect(actor.getSnapshot().value).toBe('broken');
  });

  test('takes the options of a scheduler in its input', async () => {
    const made: Scheduler[] = [];
    const actor = createActor(schedulerLogic, {
      input: {
        onFailure: 'stop',
        setup(scheduler) {
          expect(scheduler.state).toBe('stopped');
          made.push(scheduler);
        },
      },
    }).start();
    const [scheduler] = made;
    const queue = scheduler?.queue('q', { executor });
    const failing = queue?.submit({ id: 'failing' }, nothing);
    actor.send({ type: 'start.requested' });
    await settleDown();
    executor.attemptAt('failing').failed(new Error('broken'));
    expect(await failing?.settled()).toMatchObject({ status: 'failed' });
    expect(scheduler?.state).toBe('stopped');
  });

  test.each([undefined, {}])('needs no setup: its input may be %j', (input) => {
    const actor = createActor(schedulerLogic, input === undefined ? undefined : { input }).start();
    const { scheduler } = actor.getSnapshot().context;
    expect(scheduler).toBeInstanceOf(Scheduler);
    expect([scheduler.state, scheduler.actor]).toEqual(['stopped', actor]);
  });

  test('is a scheduler of its own each time', () => {
    const [one, other] = [running(), running()];
    expect(one.scheduler).not.toBe(other.scheduler);
    expect(one.scheduler.queues.get('instrument')).not.toBe(other.scheduler.queues.get('instrument'));
  });
});

describe('a scheduler that a machine spawns', () => {
  test('runs beside the states of the machine', async () => {
    const products: Handle<number>[] = [];
    const machine = setup({
      types: { events: {} as { type: 'go' } },
      actors: { work: schedulerLogic },
    }).createMachine({
      entry: spawnChild('work', {
        id: 'work',
        input: {
          setup: (scheduler) => {
            const queue = scheduler.queue('q');
            const six = queue.submit(() => 6);
            const seven = queue.submit(() => Promise.resolve(7));
            products.push(queue.submit((a: number, b: number) => a * b, six, seven));
          },
        },
      }),
      on: { go: { actions: sendTo('work', { type: 'start.requested' }) } },
    });
    const actor = createActor(machine).start();
    actor.send({ type: 'go' });
    const child = actor.getSnapshot().children['work'] as ActorRefFrom<typeof schedulerLogic>;
    await waitFor(child, (snapshot) => snapshot.matches({ running: 'idle' }));
    expect(await products[0]?.result()).toBe(42);
    const closed = toPromise(child);
    await child.getSnapshot().context.scheduler.close();
    await closed;
    expect(child.getSnapshot().status).toBe('done');
  });
});

describe('a scheduler with a parent', () => {
  test('belongs to the system of the parent and runs as ever', async () => {
    const parent = createActor(createMachine({ id: 'service' })).start();
    await using scheduler = new Scheduler({ parent });
    const double = scheduler.queue('q').submit((n: number) => n * 2, 21);
    scheduler.start();
    expect(await double.result()).toBe(42);
    expect(scheduler.actor.system).toBe(parent.system);
    expect(double.actor.system).toBe(parent.system);
  });

  test('tells the parent when it is done', async () => {
    const parent = createActor(
      createMachine({
        initial: 'open',
        states: { open: { on: { 'xstate.done.actor.scheduler': 'over' } }, over: {} },
      }),
    ).start();
    const scheduler = new Scheduler({ parent });
    scheduler.start();
    await scheduler.close();
    expect(parent.getSnapshot().value).toBe('over');
  });

  test('can be that of any actor, not only of a machine', async () => {
    let finish: () => void = () => undefined;
    const logic = fromPromise(() => new Promise<void>((resolve) => void (finish = resolve)));
    const parent = createActor(logic).start();
    const scheduler = new Scheduler({ parent });
    const one = scheduler.queue('q').submit(() => 1);
    scheduler.start();
    expect(await one.result()).toBe(1);
    finish();
    await toPromise(parent);
    await scheduler.close();
    expect(scheduler.state).toBe('closed');
  });
});
