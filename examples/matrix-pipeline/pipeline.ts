/** The part that both runs share: queues with started workers, and a record of the time of each result. */
import type { Scheduler } from 'pullgraph';
import { threads } from 'pullgraph/executors';
import * as numeric from './numeric.js';
import { showProgress } from './progress.js';
import type { Settings } from './settings.js';

/** The three kinds of task; the id of each task is its stage and its place, as in `product-7-3`. */
export type Stage = 'matrix' | 'inverse' | 'product';

/** When the final results of one run came, and what they are. */
export interface Run {
  /** `deviations[i * n + j]` is that of inverse i times matrix j. */
  readonly deviations: readonly number[];
  /** When each final result came, in the order of coming, in ms from the first submission. */
  readonly arrivalsMs: readonly number[];
  /** How many tasks of each stage were done when the first product began. */
  readonly doneBeforeFirstProduct: Readonly<Record<Stage, number>>;
}

/** One slot for the instrument, and threads that leave their results in shared memory. */
export async function openQueues(scheduler: Scheduler, settings: Settings) {
  const acquire = scheduler.queue('acquire', { concurrency: 1 });
  const compute = scheduler.queue('compute', {
    concurrency: settings.threads,
    executor: threads(new URL('./numeric.ts', import.meta.url), { size: settings.threads, share: true }),
  });
  // A worker takes a while to come up, and is slow in its first calls. That is not what is to be compared.
  scheduler.start();
  const sample = numeric.autocovarianceMatrix(Float64Array.of(1, 2, 4), settings.order, 1);
  const firstCalls = Array.from({ length: settings.threads * 4 }, () =>
    compute.submit(numeric.deviation, sample, sample),
  );
  await Promise.all(firstCalls.map((call) => call.result()));
  return { acquire, compute };
}

/** Follows the tasks of `scheduler` from now on, showing progress under `title`. Call the returned function at the end. */
export function followTasks(
  scheduler: Scheduler,
  title: string,
  { matrices }: Settings,
): () => Omit<Run, 'deviations'> {
  const progress = showProgress(title, { acquire: matrices, compute: matrices + matrices ** 2 });
  const startedAt = performance.now();
  const arrivalsMs: number[] = [];
  const done: Record<Stage, number> = { matrix: 0, inverse: 0, product: 0 };
  let doneBeforeFirstProduct: Record<Stage, number> | undefined;
  const unsubscribe = scheduler.on('task', ({ id, queue, state }) => {
    const stage = stageOf(id);
    if (state === 'running' && stage === 'product') doneBeforeFirstProduct ??= { ...done };
    if (state !== 'done') return;
    done[stage] += 1;
    if (stage === 'product') arrivalsMs.push(performance.now() - startedAt);
    progress.advance(queue);
  });
  return () => {
    unsubscribe();
    progress.finish();
    return { arrivalsMs, doneBeforeFirstProduct: doneBeforeFirstProduct ?? done };
  };
}

function stageOf(id: string): Stage {
  if (id.startsWith('product')) return 'product';
  return id.startsWith('inverse') ? 'inverse' : 'matrix';
}
