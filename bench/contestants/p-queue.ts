/** Promises with p-queue: a task is added once its dependencies have resolved. */
import PQueue from 'p-queue';
import type { Contestant } from './contestant.js';
import { afterDependencies } from './after-dependencies.js';

/** @internal */
export const withPQueue: Contestant = {
  name: 'p-queue',
  skip(graph) {
    const quadratic = graph.name === 'wide' && graph.dependencies.length > 100_000;
    return quadratic ? 'quadratic here: it keeps waiting tasks in one array and shifts it at every start' : undefined;
  },
  submit({ graph, concurrency, task }) {
    const queue = new PQueue({ concurrency, autoStart: false });
    const promises: Promise<number>[] = [];
    for (const [index, dependencies] of graph.dependencies.entries()) {
      const fn = task(index);
      // Without this option the type of `add` allows for a timeout that yields no value; there is no timeout here.
      const start = (...values: number[]) => queue.add(() => fn(...values), { throwOnTimeout: true });
      promises.push(afterDependencies(promises, dependencies, start));
    }
    return async () => {
      queue.start();
      await Promise.all(promises);
    };
  },
};
