/** A scheduler within others' systems: run by XState itself where that is asked for, and inspected along with its parent. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createActor, createMachine, type InspectionEvent, toPromise } from 'xstate';
import { Handle, Scheduler, schedulerLogic } from '../../src/index.js';
import { memoryStore } from '../../src/store/index.js';
import { quiet } from '../support/event-loop.js';
import { Gate } from '../support/gate.js';

test.each(['compiled', 'xstate'] as const)('an invoked scheduler runs with the interpreter %s', async (interpreter) => {
  const handles: Handle<number>[] = [];
  const actor = createActor(schedulerLogic, {
    input: {
      interpreter,
      setup(scheduler) {
        const queue = scheduler.queue('q');
        handles.push(queue.submit(() => 2));
      },
    },
  });
  actor.start();
  expect(actor.getSnapshot().value).toBe('stopped');
  actor.send({ type: 'start.requested' });
  expect(await handles[0]?.result()).toBe(2);
  // XState's own snapshots tell more than those of the compiled tables.
  expect('getMeta' in actor.getSnapshot()).toBe(interpreter === 'xstate');
  await quiet();
  expect(actor.getSnapshot().value).toEqual({ running: 'idle' });
  actor.send({ type: 'close.requested' });
  await toPromise(actor);
  expect(actor.getSnapshot().status).toBe('done');
});

test.each(['compiled', 'xstate'] as const)(
  'one that is stopped from outside ends its tasks: %s',
  async (interpreter) => {
    const gate = new Gate();
    let running: Handle<unknown> | undefined;
    const actor = createActor(schedulerLogic, {
      input: {
        interpreter,
        setup(scheduler) {
          running = scheduler.queue('q').submit(() => gate.promise);
          void running.actor;
        },
      },
    });
    actor.start();
    actor.send({ type: 'start.requested' });
    await quiet();
    expect(running?.state).toBe('running');
    actor.stop();
    expect(await running?.settled()).toMatchObject({ status: 'cancelled' });
    gate.open();
    await quiet();
  },
);

test('an inspector of a scheduler with a parent sees the actors of both', async () => {
  const parent = createActor(createMachine({ id: 'rig' })).start();
  const seen = new Set<string>();
  const inspect = (event: InspectionEvent): void => void seen.add(`${event.type} ${event.rootId === parent.sessionId}`);
  const scheduler = new Scheduler({ parent, inspect });
  const done = scheduler.queue('q').submit(() => 1);
  scheduler.start();
  await done.result();
  await scheduler.close();
  expect([...seen].some((line) => line.startsWith('@xstate.event true'))).toBe(true);
});

test('a close tells that the store could not be closed', async () => {
  const store = memoryStore();
  const open = store._open.bind(store);
  store._open = (setup) =>
    Object.assign(open(setup), {
      close() {
        throw new RangeError('disk full');
      },
    });
  const scheduler = new Scheduler({ store });
  await expect(scheduler.close()).rejects.toMatchObject({ message: 'disk full' });
  expect(scheduler.state).toBe('closed');
});

test('that many tasks have failed unseen is told once', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { concurrency: 100 });
  scheduler.start();
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 1_100; at += 1) {
      queue.submit(() => {
        throw new RangeError('no');
      });
    }
    await expect(scheduler.wait()).rejects.toMatchObject({ code: 'TasksFailed', count: 1_100 });
  }
  expect(warn.mock.calls.map(([, details]) => (details as { readonly code?: string }).code)).toEqual([
    'PULLGRAPH_UNSEEN_FAILURES',
  ]);
});

test('room in a queue that is closed is refused, and so is more than there will ever be', async () => {
  const scheduler = new Scheduler();
  const queue = scheduler.queue('q', { bound: 2 });
  await expect(queue.room(3)).rejects.toMatchObject({ code: 'InvalidOption' });
  await scheduler.close();
  await expect(queue.room(1)).rejects.toMatchObject({ code: 'SchedulerClosed' });
});

test.each(['compiled', 'xstate'] as const)(
  'what the chart of a queue does not name is counted, but for what it may be told again: %s',
  (interpreter) => {
    const scheduler = new Scheduler({ interpreter });
    const { queue } = Handle._target(scheduler.queue('q').submit(() => 1)).record;
    const before = queue.ledger;
    queue.send({ type: 'slot.returned', id: 'x', demand: [] });
    queue.send({ type: 'bound.reached' });
    queue.send({ type: 'queue.removed' });
    expect([queue.ledger, scheduler._counts['unexpectedEvents']]).toEqual([before, 2]);
    for (const type of ['scheduler.stopped', 'scheduler.stopped', 'resume.requested'] as const) queue.send({ type });
    expect(scheduler._counts['unexpectedEvents']).toBe(2);
  },
);
