/**
 * A small scheduler in the midst of its work, kept from the first `close()` as long as the process. V8 gives up its optimised
 * code for objects of a shape when the last of them is collected: without a specimen, a scheduler that comes after the
 * collection of the one before begins as slowly as the first did. It runs no function of a user, and waits for nothing.
 */
import type { Attempt, Executor } from '../core/ports.js';
import { EdgeList } from './edge-list.js';
import { Handle } from './handle.js';
import type { Queue } from './queue.js';
import { WHOLE } from '../core/graph-node.js';

/** What a specimen is made of. */
interface Specimen {
  queue(name: string, options?: { readonly concurrency: number; readonly executor: Executor }): Queue;
  start(): void;
  stop(): Promise<void>;
}

/** Ends the first attempts at once and leaves the others running. */
class SpecimenExecutor implements Executor {
  readonly name = 'specimen';
  readonly attempts: Attempt[] = [];
  isEnding = true;

  run(attempt: Attempt): void {
    this.attempts.push(attempt);
    if (attempt.stream) attempt.partial(0);
    else if (this.isEnding) attempt.done(undefined);
  }

  abort(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const kept: unknown[] = [];
const task = (...values: readonly unknown[]): readonly unknown[] => values;

/** Makes the specimen, when it is first called, of a scheduler in which a turn is taken at once. @internal */
export function keepSpecimen(make: () => Specimen): void {
  if (kept.length > 0) return;
  const executor = new SpecimenExecutor();
  kept.push(executor);
  const scheduler = make();
  const queue = scheduler.queue('specimen', { concurrency: 3, executor });
  const first = queue.submit(task);
  const edges = new EdgeList(1);
  edges.add(Handle._target(first).record, WHOLE);
  const second = queue.submit(task, first);
  kept.push(scheduler, first, edges, second, queue.submit(task, first, second));
  scheduler.start();
  // What follows is ranked together, and stands in blocks: some of it runs, some is ready, some waits.
  void scheduler.stop();
  executor.isEnding = false;
  for (let sink = 0; sink < 2; sink += 1) {
    const sources = Array.from({ length: 4 }, () => queue.submit(task));
    kept.push(queue.submit(task, ...sources), queue.submit(task));
  }
  const stream = queue.stream(task);
  kept.push(stream, queue.submit(task, stream.at(0)), queue.submit(task, stream.at(1)));
  kept.push(scheduler.queue('idle'));
  scheduler.start();
}
