import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { DemandOrder } from '../../src/core/order/demand-order.js';
import { LaneIndex } from '../../src/core/order/lane-index.js';
import { RankedNode } from '../../src/core/order/ranked-node.js';
import { type Ledger, fits } from '../../src/core/order/resource-ledger.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';

class TestNode extends RankedNode {}

type Operation =
  | { readonly kind: 'submit'; readonly demand: readonly number[] }
  | { readonly kind: 'start'; readonly pick: number }
  | { readonly kind: 'settle'; readonly pick: number }
  | { readonly kind: 'look'; readonly taken: readonly number[] };

const CAPACITY = [40, 10];

function operations(resources: 1 | 2): fc.Arbitrary<readonly Operation[]> {
  const amounts = fc.tuple(...CAPACITY.slice(0, resources).map((capacity) => fc.nat(capacity)));
  const submit = fc.record({ kind: fc.constant('submit' as const), demand: amounts });
  const start = fc.record({ kind: fc.constant('start' as const), pick: fc.nat(200) });
  const settle = fc.record({ kind: fc.constant('settle' as const), pick: fc.nat(200) });
  const look = fc.record({ kind: fc.constant('look' as const), taken: amounts });
  return fc.array(fc.oneof({ weight: 5, arbitrary: submit }, start, settle, { weight: 2, arbitrary: look }), {
    maxLength: 250,
    size: 'max',
  });
}

describe('for any demands, however many different ones', () => {
  property([operations(1)], { numRuns: scaledRuns(60) })('the best task that fits one resource is found', (ops) => {
    play(ops, 1);
  });

  property([operations(2)], { numRuns: scaledRuns(60) })('the best task that fits two resources is found', (ops) => {
    play(ops, 2);
  });
});

/** Plays the operations and compares every look with a search through all tasks. */
function play(ops: readonly Operation[], resources: number): void {
  const order = new DemandOrder();
  const index = new LaneIndex(order);
  const ready: TestNode[] = [];
  const running: TestNode[] = [];
  let seq = 0;
  const look = (taken: readonly number[]): void => {
    order.first({ best: () => undefined, isAnyUnranked: () => true });
    const ledger: Ledger = { slots: 4, slotsTaken: 0, capacity: CAPACITY.slice(0, resources), taken };
    // Independent tasks of one priority: the newest is the best.
    const expected = ready.toReversed().find((node) => fits(ledger, node.lane.demand));
    expect(index.best(ledger)?.seq).toBe(expected?.seq);
    expect(index.readyCount).toBe(ready.length);
    // All have been ranked before the look.
    expect(index.unrankedCount).toBe(0);
  };
  for (const op of ops) {
    if (op.kind === 'submit') {
      seq += 1;
      const node = new TestNode(seq, 0, index.laneOf(op.demand));
      order.add(node);
      order.ready(node);
      ready.push(node);
    } else if (op.kind === 'start') {
      order.first({ best: () => undefined, isAnyUnranked: () => true });
      const [node] = ready.splice(op.pick % Math.max(ready.length, 1), 1);
      if (node === undefined) continue;
      order.started(node);
      running.push(node);
    } else if (op.kind === 'settle') {
      const [node] = running.splice(op.pick % Math.max(running.length, 1), 1);
      if (node === undefined) continue;
      node.isSettled = true;
      node.lane.leave();
      order.done(node);
    } else {
      look(op.taken);
    }
  }
  look([]);
}
