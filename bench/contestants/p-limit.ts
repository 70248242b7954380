/** Promises with p-limit: a task is limited once its dependencies have resolved. */
import pLimit from 'p-limit';
import type { Contestant } from './contestant.js';
import { afterDependencies } from './after-dependencies.js';

/** @internal */
export const withPLimit: Contestant = {
  name: 'p-limit',
  submit({ graph, concurrency, task }) {
    const limit = pLimit(concurrency);
    const promises: Promise<number>[] = [];
    for (const [index, dependencies] of graph.dependencies.entries()) {
      const fn = task(index);
      promises.push(afterDependencies(promises, dependencies, (...values) => limit(fn, ...values)));
    }
    return async () => {
      await Promise.all(promises);
    };
  },
};
