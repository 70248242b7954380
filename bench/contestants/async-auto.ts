/**
 * async.auto: the graph is given as an object of names, each with the names it needs and its function, which is given an
 * object of the results so far.
 */
import { auto } from 'async';
import type { Contestant } from './contestant.js';

// It looks through everything that waits for one task's end, and copies a list of functions for it.
const MOST_TASKS = 1_000;

/** @internal */
export const withAsyncAuto: Contestant = {
  name: 'async.auto',
  skip(graph) {
    return graph.dependencies.length > MOST_TASKS ? 'small sizes only, as it is quadratic' : undefined;
  },
  submit({ graph, concurrency, task }) {
    const tasks: Record<string, unknown> = {};
    for (const [index, dependencies] of graph.dependencies.entries()) {
      const fn = task(index);
      const run = (results: Record<string, number>): Promise<number> =>
        fn(...dependencies.map((dependency) => results[`t${dependency}`] ?? Number.NaN));
      // An arrow of `async` is told from one with a callback by being an async function.
      tasks[`t${index}`] =
        dependencies.length === 0
          ? async () => fn()
          : [
              ...dependencies.map((dependency) => `t${dependency}`),
              async (results: Record<string, number>) => run(results),
            ];
    }
    return async () => {
      await auto(tasks as Parameters<typeof auto>[0], concurrency);
    };
  },
};
