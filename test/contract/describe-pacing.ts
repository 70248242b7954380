/** What every executor has to do when a producer may not go further ahead of those who take its results. */
import { describe, expect, test } from 'vitest';
import type { Handle, Queue, Scheduler, StreamHandle } from 'pullgraph';
import { collectGarbage } from '../support/collect-garbage.js';
import { quiet } from '../support/event-loop.js';
import { type Cells, load } from './fixtures/cells.js';
import { reaches } from './fixtures/work.js';
import * as work from './fixtures/work.js';

type Open = () => { readonly scheduler: Scheduler; readonly queue: Queue };

type Submit = (queue: Queue, cells: Cells, ahead: number, to: number) => StreamHandle<number>;

const producers: readonly (readonly [string, Submit])[] = [
  ['a generator', (queue, cells, ahead, to) => queue.submit({ id: 's', ahead }, work.counted, cells, to)],
  ['an async generator', (queue, cells, ahead, to) => queue.submit({ id: 's', ahead }, work.countedLater, cells, to)],
];

/** Resolves when the producer is held; a test that hangs here is one in which it never is. */
async function isHeld(producer: Handle<unknown>): Promise<void> {
  while (producer.why().reason !== 'untaken') {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await quiet();
}

/** Declares the tests for the executor of the queues that `open` gives. */
export function describePacing(open: Open, sharedCells: () => Cells): void {
  describe.each(producers)('holds %s back', (_, submit) => {
    test('until one of as many results as it may be ahead is taken', async () => {
      const { queue } = open();
      const cells = sharedCells();
      const producer = submit(queue, cells, 2, 5);
      await isHeld(producer);
      expect(load(cells, 0)).toBe(2);
      // Whichever it is.
      expect(await producer.at(1).result()).toBe(1);
      await reaches(cells, 0, 3);
      await isHeld(producer);
      expect(load(cells, 0)).toBe(3);
      expect(await queue.submit(work.add, producer.at(0), 1).result()).toBe(1);
      await reaches(cells, 0, 4);
      expect(await producer.result()).toEqual([0, 1, 2, 3, 4]);
    });

    test('as its reader comes on', async () => {
      const { scheduler, queue } = open();
      const cells = sharedCells();
      const producer = submit(queue, cells, 1, 6);
      let read = 0;
      for await (const value of producer) {
        expect(value).toBe(read);
        read += 1;
        await quiet();
        // It is asked for one that nobody has asked for, at the most.
        expect(load(cells, 0)).toBeLessThanOrEqual(read + 1);
      }
      expect(read).toBe(6);
      await scheduler.wait();
    });

    test('and lets it go when it is cancelled', async () => {
      const { scheduler, queue } = open();
      const cells = sharedCells();
      const producer = submit(queue, cells, 1, 5);
      await isHeld(producer);
      producer.cancel('enough');
      expect(await producer.settled()).toEqual({ status: 'cancelled', reason: 'enough' });
      expect(await queue.submit(work.add, 1, 2).result()).toBe(3);
      await scheduler.wait();
      expect(load(cells, 0)).toBe(1);
    });
  });

  test('keeps none of the results that a feed has taken, while the handle is held', async () => {
    const { scheduler, queue } = open();
    const here = scheduler.queue('here');
    const source = queue.submit({ ahead: 4 }, work.boxes, 50);
    const taken: WeakRef<object>[] = [];
    const onResult = (_: unknown, box: object): void => {
      taken.push(new WeakRef(box));
    };
    await here.from(source, ({ value }) => value, { onResult }).done();
    await collectGarbage();
    expect(taken).toHaveLength(50);
    // The last may be in some variable of the executor's or the scheduler's.
    expect(taken.filter((box) => box.deref() !== undefined).length).toBeLessThanOrEqual(2);
    expect(source.state).toBe('done');
  });
}
