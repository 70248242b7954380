/** TypeScript modules in workers, as the tests of a user's project meet them: loaded by Vite here, and by nobody in a worker. */
import { fileURLToPath } from 'node:url';
import { type Queue, Scheduler } from 'pullgraph';
import { processes, threads } from 'pullgraph/executors';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as kernels from './fixtures/kernels.js';

type Pool = typeof threads | typeof processes;

function queueOf(pool: Pool, name: string): Queue {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.close());
  scheduler.start();
  const executor = pool(new URL(`./fixtures/${name}`, import.meta.url), { size: 1 });
  return scheduler.queue('q', { executor });
}

describe.each<[string, Pool]>([
  ['threads', threads],
  ['processes', processes],
])('%s under Vitest', (_, pool) => {
  test.each(['kernels.ts', 'kernels.js'])('run the functions of a TypeScript module given as %s', async (name) => {
    const queue = queueOf(pool, name);
    const sum = queue.submit(kernels.add, 1, 2);
    const results = [
      sum,
      queue.submit(kernels.scaled, sum),
      queue.submit(kernels.named, '/a/b'),
      queue.submit(kernels.upTo, 3),
    ];
    expect(await Promise.all(results.map((handle) => handle.result()))).toEqual([3, 10, 'b 3', [0, 1, 2]]);
  });

  test('refuse a function of the same name and another text', async () => {
    const queue = queueOf(pool, 'kernels.ts');
    function add(a: number, b: number): number {
      return a + b + 1;
    }
    await expect(queue.submit(add, 1, 2).result()).rejects.toMatchObject({ code: 'FunctionNotFound' });
  });

  test('say which module is not there', async () => {
    const queue = queueOf(pool, 'not-there.js');
    const path = fileURLToPath(new URL('./fixtures/not-there.js', import.meta.url));
    const error: unknown = await queue
      .submit(kernels.add, 1, 2)
      .result()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ModuleNotLoaded', message: expect.stringContaining(path) as string });
  });
});
