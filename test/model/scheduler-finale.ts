/** Brings a scheduler, in whatever state it is, to its end beside its model, and checks that nothing is left over. */
import { expect } from 'vitest';
import { assertLikeModel, settleDown, type System } from '../support/scheduler-comparison.js';
import { isSettled, type SchedulerModel, type TaskPlan } from '../support/scheduler-model.js';
import { resultOf } from '../support/task-values.js';

/** Every task settles, all slots and all memory come back and can be used, and the scheduler can be closed. */
export async function bringToEnd(model: SchedulerModel, system: System): Promise<void> {
  const { scheduler } = system;
  if (model.isStopped) {
    model.start();
    scheduler.start();
    await assertLikeModel(model, system);
  }
  await endAll(model, system);
  await letGo(model, system);
  expect(model.tasks.filter((task) => !isSettled(task))).toEqual([]);
  await fillEveryQueue(model, system);
  await scheduler.wait();
  const closed = scheduler.close();
  await settleDown();
  await closed;
  expect(scheduler.state).toBe('closed');
  expect(scheduler._counts['unexpectedEvents']).toBe(0);
}

/** Ends whatever runs, well, until nothing runs any more. */
async function endAll(model: SchedulerModel, system: System): Promise<void> {
  for (;;) {
    const task = model.tasks.find(({ isRunning }) => isRunning);
    if (task === undefined) return;
    model.end(task, true);
    system.executor.attemptAt(task.id).done(resultOf(task));
    await assertLikeModel(model, system);
  }
}

/** Whatever is still held is released by a task of its own, on a queue that has room. */
async function letGo(model: SchedulerModel, system: System): Promise<void> {
  const spare = { name: 'spare', concurrency: 1, mem: 0 };
  model.queues.push(spare);
  system.addQueue(spare);
  for (let round = 0; ; round += 1) {
    const holders = model.tasks.filter(({ isHolding }) => isHolding);
    if (holders.length === 0) return;
    submitBoth({ ...plain, id: `release${round}`, queue: spare, release: holders }, model, system);
    model.select();
    await assertLikeModel(model, system);
    await endAll(model, system);
  }
}

/** Tasks that together take all there is must all run at once. */
async function fillEveryQueue(model: SchedulerModel, system: System): Promise<void> {
  for (const queue of model.queues) {
    for (let place = 0; place < queue.concurrency; place += 1) {
      const mem = place === 0 ? queue.mem : 0;
      submitBoth({ ...plain, id: `fill-${queue.name}-${place}`, queue, mem }, model, system);
    }
  }
  model.select();
  await assertLikeModel(model, system);
  for (const queue of model.queues) expect(model.slotsTaken(queue)).toBe(queue.concurrency);
  await endAll(model, system);
  for (const queue of model.queues) {
    const { ledger } = system.queueOf(queue.name).actor.getSnapshot().context;
    expect(ledger.slotsTaken).toBe(0);
    expect(ledger.taken[0] ?? 0).toBe(0);
  }
}

function submitBoth(plan: TaskPlan, model: SchedulerModel, system: System): void {
  model.submit(plan);
  system.submit(plan);
}

const plain = {
  inputs: [],
  release: [],
  after: [],
  mem: 0,
  priority: 0,
  hold: false,
  stream: false,
  announced: undefined,
} as const satisfies Partial<TaskPlan>;
