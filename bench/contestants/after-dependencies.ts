/**
 * Dependencies for libraries that know only promises: a task without dependencies waits for nothing, one dependency is a
 * `then`, several are a `Promise.all`.
 */

/**
 * Calls `start` with the values of the promises at `dependencies`, at once if there are none.
 *
 * @internal
 */
export function afterDependencies(
  promises: readonly Promise<number>[],
  dependencies: readonly number[],
  start: (...values: number[]) => Promise<number>,
): Promise<number> {
  const [first] = dependencies;
  if (first === undefined) return start();
  if (dependencies.length === 1) return promiseAt(promises, first).then(start);
  return Promise.all(dependencies.map((index) => promiseAt(promises, index))).then((values) => start(...values));
}

function promiseAt(promises: readonly Promise<number>[], index: number): Promise<number> {
  const found = promises[index];
  if (found === undefined) throw new Error(`no task ${index}`);
  return found;
}
