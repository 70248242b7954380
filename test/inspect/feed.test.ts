/** What pages are sent, tick by tick, on a clock and over sockets that the test steers. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../src/index.js';
import type { Clock } from '../../src/core/ports.js';
import { Recorder } from '../../src/inspect/recorder/recorder.js';
import { Feed } from '../../src/inspect/server/feed.js';
import { PageClient, type PageSocket } from '../../src/inspect/server/page-client.js';
import { PageModel } from '../support/inspector-page.js';

class ManualClock implements Clock {
  readonly #due = new Set<() => void>();
  now = (): number => 0;

  after(_: number, callback: () => void): () => void {
    this.#due.add(callback);
    return () => void this.#due.delete(callback);
  }

  get waiting(): number {
    return this.#due.size;
  }

  /** Lets each timer ring that is set now, `times` times over. */
  ring(times = 1): void {
    for (let round = 0; round < times; round += 1) {
      const due = [...this.#due];
      for (const callback of due) {
        this.#due.delete(callback);
        callback();
      }
    }
  }
}

/** A socket whose page reads at once, or not at all. */
class FakeSocket extends PageModel implements PageSocket {
  bufferedAmount = 0;
  mostBuffered = 0;
  isReading = true;
  #unread: (string | ArrayBuffer)[] = [];

  send(data: string | Uint8Array<ArrayBuffer>): void {
    const message = typeof data === 'string' ? data : data.buffer;
    if (this.isReading) {
      this.receive(message);
      return;
    }
    this.#unread.push(message);
    this.bufferedAmount += typeof data === 'string' ? data.length : data.byteLength;
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount);
  }

  resume(): void {
    this.isReading = true;
    for (const message of this.#unread.splice(0)) this.receive(message);
    this.bufferedAmount = 0;
  }

  close(): void {
    throw new Error('expected the page to stay');
  }
}

async function opened(scheduler: Scheduler) {
  const recorder = new Recorder(scheduler._engine, { maxRows: 100_000, keepsWork: false });
  await recorder.attach();
  const clock = new ManualClock();
  const feed = new Feed(recorder, clock);
  const join = (): { readonly socket: FakeSocket; readonly client: PageClient } => {
    const socket = new FakeSocket();
    const client = new PageClient(socket, recorder, () => ({ type: 'answer', ask: 0, ok: true, message: 'hello' }));
    feed.join(client);
    feed.greet(client);
    return { socket, client };
  };
  return { recorder, clock, feed, join };
}

const double = (value: number): number => 2 * value;

describe('feed', () => {
  it('lets a page that does not read skip ticks within a bound, then sends what it lacks, each row once', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 8 });
    const { clock, join } = await opened(scheduler);
    const [slow, quick] = [join().socket, join().socket];
    clock.ring(4);
    slow.isReading = false;
    // What waits already.
    slow.bufferedAmount = 1_000_000;
    scheduler.start();
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 250; index += 1) queue.submit(double, index);
      clock.ring();
      await scheduler.wait();
      clock.ring();
    }
    // One mebibyte, and what one tick adds.
    expect(slow.mostBuffered).toBeGreaterThan(1_048_576);
    expect(slow.mostBuffered).toBeLessThan(1_100_000);
    slow.resume();
    clock.ring(12);
    expect(slow.counts()).toEqual({ done: 5_000 });
    expect([...slow.rows.values()]).toEqual([...quick.rows.values()]);
    expect(slow.frames).toBeLessThan(quick.frames);
    expect(slow.last('missing')?.ticks).toBeGreaterThan(10);
    expect(quick.last('missing')?.ticks).toBe(0);
  });

  it('sends a row that was added and moved twice in a tick once', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    const { clock, join } = await opened(scheduler);
    const { socket } = join();
    clock.ring(4);
    const before = socket.frames;
    scheduler.start();
    await queue.submit(double, 1).result();
    clock.ring();
    expect(socket.frames - before).toBe(2);
    expect(socket.counts()).toEqual({ done: 1 });
    clock.ring(3);
    expect(socket.frames - before).toBe(2);
  });

  it('gives a place to another row, and the page forgets the old one', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { concurrency: 1 });
    const recorder = new Recorder(scheduler._engine, { maxRows: 2, keepsWork: false });
    await recorder.attach();
    const clock = new ManualClock();
    const feed = new Feed(recorder, clock);
    const socket = new FakeSocket();
    const client = new PageClient(socket, recorder, () => ({ type: 'answer', ask: 0, ok: true, message: 'hello' }));
    feed.join(client);
    feed.greet(client);
    scheduler.start();
    for (let index = 0; index < 5; index += 1) {
      await queue.submit({ id: `task ${index}` }, double, index).result();
      clock.ring();
    }
    expect([...socket.rows.values()].map(({ task }) => task)).toEqual([5, 4]);
    expect(recorder.recording.ids.size).toBe(2);
    clock.ring(4);
    expect(socket.last('missing')?.rows).toBe(3);
  });

  it('does nothing while no page is there', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    const { recorder, clock, feed, join } = await opened(scheduler);
    expect(clock.waiting).toBe(0);
    const { client } = join();
    expect(clock.waiting).toBe(1);
    feed.leave(client);
    expect(clock.waiting).toBe(0);
    queue.submit(double, 1).cancel();
    expect(recorder.recording.news.take().places).toHaveLength(0);
  });

  it('tells of resources that a queue gets later', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work', { resources: { ram: 4 } });
    const { clock, join } = await opened(scheduler);
    const { socket } = join();
    queue.set({ resources: { gpu: 1 } });
    clock.ring(8);
    expect(socket.last('names')?.queues).toMatchObject([{ name: 'work', resources: ['ram', 'gpu'] }]);
    expect(socket.last('totals')?.queues[0]?.capacity).toEqual([4, 1]);
  });

  it('tells the order, and what the scheduler knows of the time that is left', async () => {
    await using scheduler = new Scheduler({ order: 'soonest' });
    const queue = scheduler.queue('work');
    const { clock, join } = await opened(scheduler);
    const { socket } = join();
    queue.submit(double, 1);
    clock.ring(4);
    expect(socket.last('totals')?.left).toBeUndefined();
    scheduler.start();
    await scheduler.wait();
    await scheduler.stop();
    queue.submit({ id: 'sum' }, double, queue.submit({ id: 'part' }, double, 1));
    clock.ring(4);
    expect(socket.last('totals')?.left).toMatchObject({ unknown: 0, path: ['part', 'sum'] });
    const queues = socket.messages.flatMap((message) => (message.type === 'names' ? message.queues : []));
    expect(queues.at(-1)?.order).toBe('soonest');
    scheduler.start();
  });

  it('tells that a queue was paused, and the time while a function runs, though no task has moved', async () => {
    await using scheduler = new Scheduler();
    const queue = scheduler.queue('work');
    const { clock, join } = await opened(scheduler);
    const { socket } = join();
    const told = (): number => socket.messages.filter(({ type }) => type === 'totals').length;
    clock.ring(4);
    const before = told();
    clock.ring(4);
    expect(told()).toBe(before);
    queue.pause();
    clock.ring(4);
    expect(socket.last('totals')?.queues[0]?.isPaused).toBe(true);
    queue.resume();
    scheduler.start();
    let end = (): void => undefined;
    await new Promise<void>((started) => {
      queue.submit(() => {
        started();
        return new Promise<void>((resolve) => (end = resolve));
      });
    });
    clock.ring(8);
    const running = told();
    clock.ring(4);
    expect(told()).toBe(running + 1);
    end();
    await scheduler.wait();
  });
});
