/** The flow of partial results by itself: when an attempt is held, for what, and what lets it go on. */
import { describe, expect, test } from 'vitest';
import { Backpressure } from '../../src/runtime/tasks/backpressure.js';
import { isKept } from '../support/event-loop.js';

function flowing({ ahead = 1, isWholeWanted = false } = {}) {
  const flow = new Backpressure(ahead);
  const told: string[] = [];
  flow.begin({
    isWholeWanted: () => isWholeWanted,
    held: (isSo) => void told.push(isSo ? 'held' : 'goes on'),
    stuck: (isSo) => void told.push(isSo ? 'stuck' : 'moves'),
  });
  return { flow, told };
}

test('says what it is held for while it is held, and nothing else', () => {
  const { flow, told } = flowing();
  flow.came(0);
  expect(flow.heldFor).toEqual([]);
  void flow.pause();
  expect(flow.heldFor).toEqual([0]);
  flow.take(0);
  expect(flow.heldFor).toEqual([]);
  expect(told).toEqual(['held', 'stuck', 'goes on', 'moves']);
});

test('whoever wants the whole does not open a flow of which a part is gone', () => {
  const { flow, told } = flowing();
  flow.readerCame(true);
  expect(flow.consume(0)).toBe(true);
  flow.came(1);
  void flow.pause();
  flow.wantWhole();
  expect(told).toEqual(['held']);
  expect(flow.consume(1)).toBe(true);
  expect(flow.released).toBe(2);
});

describe('an attempt', () => {
  test.each([1, 2, 5])('is held when %i results are untaken, and goes on when one of them is taken', async (ahead) => {
    const { flow, told } = flowing({ ahead });
    for (let index = 0; index < ahead; index += 1) {
      expect(flow.pause()).toBeUndefined();
      flow.came(index);
    }
    const freed = flow.pause() ?? expect.unreachable('the attempt is not held');
    expect(flow.heldFor).toEqual(Array.from({ length: ahead }, (_, index) => index));
    flow.take(ahead);
    expect([await isKept(freed), told]).toEqual([false, ['held', 'stuck']]);
    flow.take(ahead - 1);
    await freed;
    expect(told).toEqual(['held', 'stuck', 'goes on', 'moves']);
  });

  test('is told nothing when a result is taken for which it is not held', () => {
    const { flow, told } = flowing({ ahead: 2 });
    flow.came(0);
    flow.take(0);
    flow.take(0);
    flow.release();
    expect(told).toEqual([]);
  });

  test('goes on once, however often it is let go on', () => {
    const { flow, told } = flowing();
    flow.came(0);
    void flow.pause();
    flow.release();
    flow.release();
    flow.take(0);
    expect(told).toEqual(['held', 'stuck', 'goes on', 'moves']);
  });

  test('that is let go on is held again with the next result', () => {
    const { flow } = flowing();
    flow.came(0);
    void flow.pause();
    flow.release();
    flow.came(1);
    expect([flow.pause() === undefined, flow.heldFor]).toEqual([false, [0, 1]]);
  });

  test('stays held while as many are untaken as there may be, and for a result that is none of them', async () => {
    const { flow } = flowing();
    flow.came(0);
    void flow.pause();
    flow.release();
    flow.came(1);
    const freed = flow.pause() ?? expect.unreachable('the attempt is not held');
    flow.take(7);
    flow.take(0);
    expect([await isKept(freed), flow.heldFor]).toEqual([false, [1]]);
    flow.take(1);
    await freed;
  });

  test('is not held where there is a consumer of the whole, now or later', () => {
    const { flow, told } = flowing({ isWholeWanted: true });
    flow.came(0);
    expect(flow.pause()).toBeUndefined();
    for (const index of [1, 2]) flow.came(index);
    expect([flow.pause(), flow.heldFor, told]).toEqual([undefined, [], []]);
  });

  test('is held for a consumer of the whole that comes too late, as a part is gone', () => {
    const { flow } = flowing({ isWholeWanted: true });
    flow.readerCame(true);
    flow.consume(0);
    flow.came(1);
    expect(flow.pause()).toBeDefined();
  });

  test('goes on when a consumer of the whole comes, and is not held any more', () => {
    const { flow, told } = flowing();
    flow.came(0);
    void flow.pause();
    flow.wantWhole();
    flow.came(1);
    expect([flow.pause(), told]).toEqual([undefined, ['held', 'stuck', 'goes on', 'moves']]);
  });

  test('of a flow that has no owner yet is held without a word', () => {
    const flow = new Backpressure(1);
    flow.came(0);
    expect(flow.pause()).toBeDefined();
    flow.openUp();
    expect(flow.heldFor).toEqual([]);
  });
});

describe('a task', () => {
  test('is stuck while its attempt is held and nobody reads', () => {
    const { flow, told } = flowing();
    expect(flow.isRead).toBe(false);
    flow.readerCame(false);
    flow.came(0);
    void flow.pause();
    expect([flow.isRead, told]).toEqual([true, ['held']]);
    flow.readerCame(false);
    flow.readerLeft();
    expect([flow.isRead, told]).toEqual([true, ['held']]);
    flow.readerLeft();
    expect([flow.isRead, told]).toEqual([false, ['held', 'stuck']]);
    flow.readerCame(false);
    expect(told).toEqual(['held', 'stuck', 'moves']);
    flow.release();
    expect(told).toEqual(['held', 'stuck', 'moves', 'goes on']);
  });
});

describe('a result is released', () => {
  test('to the only reader, a feed, in order and once', () => {
    const { flow } = flowing();
    flow.readerCame(true);
    expect([flow.consume(1), flow.consume(0), flow.consume(0), flow.consume(1)]).toEqual([false, true, false, true]);
    expect(flow.released).toBe(2);
  });

  test.each<[string, readonly ('a feed' | 'a reader' | 'the whole' | 'left' | 'kept')[]]>([
    ['another reader came before', ['a reader', 'a feed']],
    ['another reader comes after', ['a feed', 'a reader']],
    ['there are two feeds', ['a feed', 'a feed']],
    ['there was another reader', ['a reader', 'left', 'a feed']],
    ['somebody wants the whole', ['a feed', 'the whole']],
    ['they are to be kept', ['a feed', 'kept']],
  ])('to nobody where %s', (_, steps) => {
    const { flow } = flowing();
    for (const step of steps) {
      if (step === 'left') flow.readerLeft();
      else if (step === 'kept') flow.keep();
      else if (step === 'the whole') flow.wantWhole();
      else flow.readerCame(step === 'a feed');
    }
    expect([flow.consume(0), flow.released]).toEqual([false, 0]);
  });

  test('to a feed that follows one which has left', () => {
    const { flow } = flowing();
    flow.readerCame(true);
    flow.readerLeft();
    flow.readerCame(true);
    expect(flow.consume(0)).toBe(true);
  });
});
