/** The flow of partial results by itself, where no task can be brought to it. */
import { expect, test } from 'vitest';
import { Backpressure } from '../../src/runtime/tasks/backpressure.js';

function flowing() {
  const flow = new Backpressure(1);
  const told: string[] = [];
  flow.begin({
    isWholeWanted: () => false,
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
