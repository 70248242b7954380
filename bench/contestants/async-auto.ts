/**
 * async.auto: it takes the graph as an object of names, each with the names it needs and a function, which receives an object
 * of the results so far.
 */
import { auto } from 'async';
import type { Contestant } from './contestant.js';

// Each task's end searches all waiting tasks and copies a list of functions.
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
      // async recognises a function that takes no callback by its being an async function.
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
