/**
 * Single cases of the demand order: what walks take over from one another, and what ranks a task when that which did is withdrawn. Each
 * fails where one condition of the order is left out.
 */
import { describe, test } from 'vitest';
import { change, play, rank, task, tasks, withdraw } from '../support/order-play.js';

test('a walk does not go on from where another has come after it had found something else', () => {
  play([
    task({ lane: 1 }),
    task(),
    task({ needs: [1] }),
    task({ needs: [1, 0] }),
    change('look', 0),
    task({ needs: [1] }),
  ]);
});

test('a walk that has found something goes on from none of its own lineage', () => {
  play([
    task(),
    task({ lane: 1 }),
    task({ needs: [1, 0], priority: 2 }),
    task(),
    task({ needs: [1, 0] }),
    change('look', 0),
    task({ needs: [4, 0], priority: 2 }),
  ]);
});

test('a walk that lost a part of its path goes on where it stands then', () => {
  play([...tasks(3), task({ needs: [1] }), task({ needs: [0, 3] }), change('look', 1), task({ needs: [1] })]);
});

test('what is taken after something was passed over is not taken as a whole by another', () => {
  play([
    task(),
    task({ needs: [0] }),
    rank,
    task({ priority: 1 }),
    task({ needs: [0, 2] }),
    rank,
    task({ needs: [0] }),
    task({ needs: [0], priority: 1 }),
  ]);
});

test('a walk does not go on from one that has lost something before all was ranked anew', () => {
  play([
    task(),
    rank,
    task({ needs: [[0, 1]], priority: -1 }),
    task({ needs: [1] }),
    task(),
    task({ needs: [1] }),
    change('look', 1),
    task({ needs: [4] }),
    change('start', 1),
    change('done', 0),
    task({ needs: [3] }),
    task({ needs: [3] }),
    withdraw(1),
  ]);
});

test('what was lost to a walk that stands there comes back', () => {
  play([
    ...tasks(3),
    task({ needs: [1, 0] }),
    task({ needs: [3, 0] }),
    rank,
    task({ needs: [1] }),
    change('look', 2),
    task(),
    task({ needs: [2] }),
    ...[0, 1, 2].map(() => change('start', 2)),
    change('done', 1),
    change('done', 1),
  ]);
});

test('a walk whose finds another has gone on with begins anew when what it needs is to run again', () => {
  play([
    task(),
    change('start', 2),
    ...tasks(2),
    task({ needs: [1, 0] }),
    task({ needs: [0, 3] }),
    task({ needs: [0] }),
    change('look', 2),
    task({ needs: [2] }),
    change('look', 2),
    change('again', 0),
    change('look', 2),
    task(),
    task({ needs: [3] }),
  ]);
});

test('what was found by a walk that ends before it has begun anew is ranked by others, or by itself', () => {
  play([
    task({ lane: 1 }),
    ...tasks(2),
    task({ needs: [1, 0, [2, 1]] }),
    change('start', 0),
    change('start', 1),
    change('again', 1),
    change('look', 0),
    change('done', 0),
  ]);
});

test('the most urgent one of those that need a task which is to run again is looked through anew', () => {
  play([
    task({ lane: 1 }),
    task({ needs: [0] }),
    task({ needs: [1] }),
    rank,
    task({ needs: [1], priority: 1 }),
    change('start', 0),
    change('again', 0),
    task(),
  ]);
});

test('what has ended since it was lost does not come back', () => {
  play([
    task(),
    task({ needs: [0] }),
    rank,
    task({ needs: [0] }),
    task({ needs: [2] }),
    change('start', 1),
    change('done', 0),
  ]);
});

test('what has been delivered is not looked for, though its task is to run again', () => {
  play([task(), change('start', 1), change('partial', 0), change('again', 0), task(), task({ needs: [[1, 0], 0] })]);
  play([task(), task({ needs: [[0, 0]] }), change('start', 1), change('partial', 0), change('again', 0)]);
});

describe('when the task is withdrawn that has ranked another,', () => {
  test('that is ranked by one which needs it too, and came upon it before or after', () => {
    // Between the two in age stands a task that needs nothing.
    play([task(), task({ needs: [0] }), task(), task({ needs: [2] }), task({ needs: [2] }), rank, withdraw(4)]);
    play([
      task(),
      task({ needs: [0] }),
      task(),
      task({ needs: [2] }),
      change('look', 2),
      task({ needs: [2] }),
      rank,
      withdraw(4),
    ]);
    play([
      ...tasks(2),
      task({ needs: [1] }),
      task(),
      task({ needs: [2, 3] }),
      rank,
      task({ needs: [2] }),
      rank,
      withdraw(5),
    ]);
  });

  test('that is ranked by one which had found something before it, and stood there', () => {
    play([
      ...tasks(2),
      task({ needs: [1, 0] }),
      task({ lane: 1 }),
      task({ needs: [1] }),
      task(),
      task({ needs: [2, 3] }),
      change('start', 1),
      task({ needs: [2] }),
      rank,
      withdraw(7),
    ]);
  });

  test('that is ranked by one from which a walk had it that another has gone on from', () => {
    play([
      ...tasks(3),
      task({ needs: [2, 1] }),
      task(),
      task({ needs: [2, 4] }),
      rank,
      task({ needs: [2] }),
      change('look', 2),
      task({ needs: [3] }),
      rank,
      withdraw(6),
      rank,
      withdraw(6),
    ]);
  });

  test('that is ranked by itself where several were needed', () => {
    play([...tasks(3), task({ needs: [2, 0] }), rank, withdraw(3)]);
  });

  test('that is ranked by itself where not the withdrawn one had ranked it', () => {
    play([...tasks(5), task({ needs: [0] }), task({ needs: [3, 0] }), rank, withdraw(5)]);
  });

  test('that is ranked by itself where what needed it has failed', () => {
    play([task(), task({ needs: [0] }), ...tasks(2), task({ needs: [2, 0] }), rank, withdraw(1)]);
  });
});

test('what a walk has found is ranked last when it begins anew, until it is found again', () => {
  play([
    task({ lane: 1 }),
    task(),
    task({ needs: [1] }),
    ...[0, 1].map(() => task({ needs: [0] })),
    change('look', 0),
    task({ needs: [1] }),
    change('start', 0),
    withdraw(5),
  ]);
});
