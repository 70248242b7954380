import { expect, onTestFinished, test } from 'vitest';
import { Scheduler } from '../../src/index.js';
import { collectGarbage } from '../support/collect-garbage.js';

const TASKS = 50;

/** What the scheduler may still be working on, or has worked on last. */
const MOST_KEPT = 2;

/** Results whose lives are watched. */
class Watched {
  readonly #made: WeakRef<object>[] = [];

  readonly make = (): object => {
    const result = { pixels: new Uint8Array(1000) };
    this.#made.push(new WeakRef(result));
    return result;
  };

  async alive(): Promise<number> {
    await collectGarbage();
    return this.#made.filter((result) => result.deref() !== undefined).length;
  }
}

function started(): Scheduler {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  return scheduler;
}

test.each(['done', 'failed'])(
  'a task with an id that is %s keeps its result no longer than its handle',
  async (end) => {
    const queue = started().queue('q', { concurrency: 2 });
    const watched = new Watched();
    const run = (): object => {
      if (end === 'failed') throw new Error('no', { cause: watched.make() });
      return watched.make();
    };
    for (let index = 1; index < TASKS; index += 1) await queue.submit({ id: `task ${index}` }, run).settled();
    const last = queue.submit({ id: 'last' }, run);
    const outcome = await last.settled();
    expect(await watched.alive()).toBeLessThanOrEqual(MOST_KEPT);
    expect(await last.settled()).toBe(outcome);
  },
);
