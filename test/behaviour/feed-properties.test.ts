import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { type FeedFailure, type FeedSource, Scheduler } from '../../src/index.js';
import { property } from '../support/property.js';

/** What becomes of one item: how many turns each part takes, and what fails. */
interface Item {
  readonly id: number;
  readonly sourceTurns: number;
  readonly taskTurns: number;
  readonly handTurns: number;
  readonly fails: 'task' | 'result' | undefined;
  /** How many of the items after it are not in the source, but added with its result. */
  readonly adds: number;
}

const anyTurns = fc.constantFrom(0, 0, 0, 1, 2);
const anyItem = fc.record({
  sourceTurns: anyTurns,
  taskTurns: anyTurns,
  handTurns: anyTurns,
  fails: fc.constantFrom(undefined, undefined, undefined, undefined, 'task' as const, 'result' as const),
  adds: fc.constantFrom(0, 0, 0, 1, 2),
});

const anyRun = fc.record({
  kind: fc.constantFrom('sync', 'async', 'batches', 'later'),
  items: fc.array(anyItem, { maxLength: 25 }),
  slots: fc.integer({ min: 1, max: 4 }),
  ahead: fc.integer({ min: 0, max: 4 }),
  bound: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  onError: fc.constantFrom('stop' as const, 'continue' as const),
  reads: fc.boolean(),
  // Every number of turns the scheduler is stopped, or started again.
  switches: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 }),
  // Others submit to the same queue.
  others: fc.nat(6),
});

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await turn();
}

function sourceOf(kind: string, items: readonly Item[], taken: (item: Item) => void): FeedSource<Item> {
  const left = [...items];
  function* all(): Generator<Item> {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      taken(next);
      yield next;
    }
  }
  const slowly = async function* (): AsyncGenerator<Item> {
    for (const item of all()) {
      await turns(item.sourceTurns);
      yield item;
    }
  };
  // Lists of no item, of one and of several; some of them given later.
  const batch = (): readonly Item[] => {
    const given = left.splice(0, left.length % 4);
    const some = given.length === 0 ? left.splice(0, 1) : given;
    for (const item of some) taken(item);
    return some;
  };
  if (kind === 'sync') return all();
  if (kind === 'async') return slowly();
  if (kind === 'batches') return batch;
  return async ({ underWay }) => {
    await turns(left[0]?.sourceTurns ?? 0);
    // Nothing for now: it is asked again, since something is under way.
    return underWay > 0 && left.length % 3 === 1 ? undefined : batch();
  };
}

property([anyRun])(
  'for any source, bound, delays and failures: each item runs once, is handed over once, within the window, until all is over',
  async ({ kind, items: drawn, slots, ahead, bound, onError, reads, switches, others }) => {
    const all = drawn.map((item, id): Item => ({ ...item, id }));
    const [given, added] = withAdded(all);
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: slots, ...(bound === undefined ? {} : { bound }) });
    const ran: number[] = [];
    const handed: number[] = [];
    const failures: FeedFailure<Item>[] = [];
    let read = 0;
    let most = 0;
    let running = 0;
    let isHanding = false;
    const handOver = async (item: Item, add: (items: Item[]) => boolean): Promise<void> => {
      expect(isHanding).toBe(false);
      isHanding = true;
      handed.push(item.id);
      await turns(item.handTurns);
      isHanding = false;
      const more = added.get(item.id) ?? [];
      if (more.length > 0) add(more);
      if (item.fails === 'result' && !reads) throw new Error(`result ${item.id}`);
    };
    const feed = queue.from(
      sourceOf(kind, given, () => {
        read += 1;
      }),
      async (item: Item) => {
        ran.push(item.id);
        running += 1;
        most = Math.max(most, running);
        await turns(item.taskTurns);
        running -= 1;
        if (item.fails === 'task') throw new Error(`task ${item.id}`);
        return item.id;
      },
      {
        ahead,
        onError(failure) {
          failures.push(failure);
          return onError;
        },
        ...(reads ? {} : { onResult: (_, item, __, add) => handOver(item, add) }),
      },
    );
    const reading = reads
      ? (async () => {
          for await (const { item } of feed) await handOver(item, (more) => feed.add(more));
        })().catch(() => undefined)
      : undefined;
    let mostUnsettled = 0;
    const watch = scheduler.on('task', () => {
      const own = scheduler._unsettled.filter((id) => !id.startsWith('other'));
      mostUnsettled = Math.max(mostUnsettled, own.length);
    });
    const submitting = (async () => {
      for (let n = 0; n < others; n += 1) {
        await queue.room();
        queue.submit({ id: `other ${n}` }, () => turns(1));
        await turn();
      }
    })();
    scheduler.start();
    for (const [place, pause] of switches.entries()) {
      await turns(pause);
      if (place % 2 === 0) void scheduler.stop();
      else scheduler.start();
    }
    scheduler.start();
    await submitting;
    const end = await feed
      .done()
      .catch((error: unknown) => (error as { end: Awaited<ReturnType<typeof feed.done>> }).end);
    await reading;
    await scheduler.wait();
    watch();

    const isOnce = (ids: readonly number[]): boolean => new Set(ids).size === ids.length;
    expect([isOnce(ran), isOnce(handed)]).toEqual([true, true]);
    expect(most).toBeLessThanOrEqual(slots);
    // Each stop may send tasks back that had been granted a slot and had not begun.
    expect(mostUnsettled).toBeLessThanOrEqual(slots + 1 + switches.length);
    expect([running, isHanding, scheduler._unsettled]).toEqual([0, false, []]);
    // All that was taken was run, and either handed over or reported.
    expect(ran.length).toBe(end.count);
    const failed = failures.filter(({ stage }) => stage === 'task').map(({ index }) => index);
    expect(handed.length + failed.length).toBe(end.count);
    expect(end.failed).toBe(failures.length);
    if (kind === 'sync' && added.size === 0 && end.failed === 0) expect(end.count).toBe(read);
    if (onError === 'continue' || failures.length === 0) {
      const reached = reachable(given, added);
      expect(ran.toSorted((a, b) => a - b)).toEqual(reached);
    }
    expect(scheduler.state).toBe('idle');
    await scheduler.close();
  },
);

/** Takes out of the list what others add with their results. */
function withAdded(all: readonly Item[]): [given: Item[], added: Map<number, Item[]>] {
  const given: Item[] = [];
  const added = new Map<number, Item[]>();
  for (let place = 0; place < all.length; ) {
    const item = all[place] as Item;
    given.push(item);
    const more = all.slice(place + 1, place + 1 + item.adds);
    if (more.length > 0) added.set(item.id, more);
    place += 1 + more.length;
  }
  return [given, added];
}

/** The items that are run when nothing stops the feed: those of failed tasks add nothing. */
function reachable(given: readonly Item[], added: ReadonlyMap<number, readonly Item[]>): number[] {
  const ids: number[] = [];
  for (const item of given) {
    ids.push(item.id);
    if (item.fails !== 'task') ids.push(...(added.get(item.id) ?? []).map(({ id }) => id));
  }
  return ids.toSorted((a, b) => a - b);
}

property([fc.integer({ min: 1, max: 3 }), fc.nat(5), fc.array(fc.nat(3), { minLength: 1, maxLength: 30 })])(
  'for any delays, no more is taken from a source than the window beyond what has been handed over',
  async (slots, ahead, delays) => {
    const scheduler = new Scheduler();
    const queue = scheduler.queue('q', { concurrency: slots });
    let taken = 0;
    let handed = 0;
    let most = 0;
    const source = function* (): Generator<number> {
      for (const delay of delays) {
        taken += 1;
        most = Math.max(most, taken - handed);
        yield delay;
      }
    };
    scheduler.start();
    await queue
      .from(source(), turns, {
        ahead,
        async onResult(_, delay) {
          await turns(delay % 2);
          handed += 1;
        },
      })
      .done();
    expect([taken, handed]).toEqual([delays.length, delays.length]);
    // The result that is being handed over counts until `onResult` is over.
    expect(most).toBeLessThanOrEqual(slots + ahead);
    await scheduler.close();
  },
);
