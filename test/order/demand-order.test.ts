import { describe, test } from 'vitest';
import { operations } from '../support/order-operations.js';
import { scaledRuns } from '../support/property-runs.js';
import { change, play, rank, task, tasks, withdraw } from '../support/order-play.js';
import { property } from '../support/property.js';

describe('for any tasks that come, start, deliver and end', () => {
  property([operations(60, false)], { numRuns: scaledRuns(500) })(
    'the ready tasks stand in the order of the rule',
    (ops) => {
      play(ops);
    },
  );

  property([operations(60, true)], { numRuns: scaledRuns(800) })('a withdrawn task gives its demand back', (ops) => {
    play(ops);
  });

  // Not shrunk: that takes minutes here, and the property before finds the small ones.
  property([operations(200, true)], { numRuns: scaledRuns(200), endOnFailure: true })(
    'the same holds for larger graphs',
    (ops) => {
      play(ops);
    },
  );
});

// Each of these once failed as a counterexample of the properties above, or does so where one condition of the order is left out.

test('what a withdrawn task demanded keeps a priority of its own', () => {
  play([task({ priority: 1 }), task({ needs: [0] }), task({ needs: [0], priority: 1 }), rank, withdraw(2), task()]);
});

test('what a withdrawn task demanded keeps the rank that another gives it', () => {
  play([
    task(),
    task({ needs: [0] }),
    task({ lane: 1 }),
    task(),
    task({ needs: [3] }),
    change('start', 1),
    task({ needs: [3, [2, 0]] }),
    rank,
    change('done', 0),
  ]);
});

test('a new task takes over what a withdrawn task had demanded before it', () => {
  play([
    task(),
    task(),
    task(),
    task(),
    task(),
    task({ needs: [0], priority: 1 }),
    task({ needs: [1, 2] }),
    task({ needs: [2] }),
    rank,
    withdraw(5),
    task(),
    task({ needs: [2] }),
  ]);
});

test('part of a block that left something to another priority is not taken as whole by that one', () => {
  play([
    task(),
    task({ needs: [0] }),
    rank,
    task(),
    task({ needs: [2], priority: 1 }),
    task({ needs: [1, 2] }),
    ...tasks(2),
    task({ needs: [2, 0] }),
    rank,
    task({ needs: [0], priority: 1 }),
  ]);
});

test('what a block lost before it was parted comes back in its order', () => {
  play([
    ...tasks(6),
    task({ needs: [0, 1] }),
    task({ needs: [6, 1] }),
    rank,
    task({ needs: [1] }),
    rank,
    task({ needs: [1, 2] }),
    task(),
    task({ needs: [10], priority: 1 }),
  ]);
});

test('what an heir of a block does not demand does not come back to it', () => {
  play([
    task({ lane: 1 }),
    task(),
    task({ lane: 1 }),
    task(),
    task({ needs: [[3, 0], 1] }),
    task({ needs: [3, 0, 1] }),
    rank,
    task({ needs: [1] }),
    change('start', 55),
    ...tasks(2),
    change('start', 0),
    ...tasks(5),
    change('done', 0),
    task(),
    task({ needs: [11] }),
  ]);
});

test('a walk that lost its root to one that was withdrawn does not begin where it stood', () => {
  play([
    ...tasks(2),
    task({ lane: 1 }),
    task({ needs: [0, 1] }),
    change('look', 0),
    task({ needs: [3], lane: 1 }),
    task({ needs: [0, 1] }),
    task(),
    task({ needs: [[2, 0]] }),
    change('look', 0),
    change('start', 25),
    task({ needs: [0, 2] }),
    change('done', 0),
    change('start', 0),
    change('done', 0),
    change('start', 4),
    change('start', 32),
  ]);
});

test('what was lost by a block that is put in front of another does not come back to it', () => {
  play([
    task(),
    task({ needs: [0] }),
    ...tasks(9),
    task({ needs: [0], priority: 1 }),
    task({ needs: [0] }),
    change('start', 28),
    ...tasks(2),
    task({ needs: [2, 0] }),
    rank,
    task({ needs: [0, 6, 14] }),
    change('look', 22),
    task({ needs: [1] }),
    task(),
    rank,
    task({ needs: [2] }),
  ]);
});

test('a task that is to run again has the rank that others still give it when the most urgent is withdrawn', () => {
  play([
    ...tasks(9),
    task({ needs: [1] }),
    ...tasks(2),
    rank,
    task({ needs: [4] }),
    change('start', 10),
    change('again', 0),
    change('start', 0),
    withdraw(12),
  ]);
});

test('the same when a task between them is withdrawn', () => {
  play([
    ...tasks(3),
    task({ needs: [2] }),
    withdraw(5),
    rank,
    task({ needs: [3] }),
    ...tasks(3),
    task({ needs: [3] }),
    change('start', 1),
    ...tasks(5),
    change('again', 0),
    change('look', 0),
    ...tasks(6),
    withdraw(60),
  ]);
});

test('what a walk took from a block before it was withdrawn leaves nothing there that is ranked too high', () => {
  play([
    task(),
    task({ lane: 1 }),
    task({ needs: [0, 1] }),
    ...tasks(4),
    withdraw(3),
    ...tasks(3),
    task({ lane: 1 }),
    ...tasks(4),
    task({ needs: [12] }),
    change('start', 0),
    task({ needs: [14] }),
    change('start', 0),
    ...tasks(3),
    task({ needs: [4] }),
    change('again', 0),
    change('start', 0),
    change('done', 0),
    change('done', 0),
    withdraw(55),
  ]);
});

test('what a block lost does not come back once something else in it has become an orphan', () => {
  play([
    ...tasks(4),
    task({ needs: [[0, 0], 3], priority: 1 }),
    task({ needs: [4] }),
    task(),
    task({ needs: [1] }),
    task({ lane: 1 }),
    task(),
    task({ needs: [2] }),
    task({ needs: [0, 2] }),
    change('look', 0),
    task({ needs: [4] }),
    rank,
    task(),
    change('start', 4),
    change('done', 0),
    task(),
    task({ needs: [3] }),
  ]);
});

test('the same once something that it passed over is to run again', () => {
  play([
    ...tasks(2),
    change('start', 1),
    task(),
    task({ needs: [1] }),
    ...tasks(3),
    task({ needs: [3] }),
    task(),
    task({ needs: [8, 1] }),
    rank,
    task({ needs: [2] }),
    task(),
    rank,
    change('again', 0),
    task({ needs: [2] }),
  ]);
});

test('a block that had lost tasks before it was parted is not taken as a whole', () => {
  play([
    ...tasks(2),
    task({ needs: [0, 1] }),
    task({ needs: [0] }),
    rank,
    task({ needs: [3] }),
    rank,
    task({ needs: [3], priority: 1 }),
    task(),
    task({ needs: [3] }),
  ]);
});

test('a walk that passed something over is not gone on with by one as urgent as what has that', () => {
  play([
    task({ priority: 1 }),
    task({ lane: 1 }),
    task({ needs: [1, 0] }),
    change('look', 0),
    task({ needs: [0], priority: 1 }),
  ]);
});

test('a walk does not go on from where another stands of which it has taken a part before', () => {
  play([
    ...tasks(2),
    task({ needs: [0] }),
    change('look', 1),
    task({ needs: [1, 2, 0] }),
    rank,
    task(),
    task({ needs: [2] }),
  ]);
});

test('what was put behind something else is not taken together with that', () => {
  play([
    task({ lane: 1 }),
    task(),
    task({ needs: [0] }),
    change('start', 0),
    task(),
    change('again', 0),
    task({ needs: [2, 3, 1] }),
    rank,
    task({ needs: [2, 1] }),
  ]);
});

test('a walk whose end another has taken over comes upon that once more', () => {
  play([
    task({ lane: 1 }),
    ...tasks(3),
    task({ needs: [1, 2] }),
    task({ needs: [0, 4] }),
    task({ needs: [0] }),
    change('start', 1),
    task({ needs: [1] }),
    change('start', 0),
    task({ needs: [1, 4] }),
  ]);
});
