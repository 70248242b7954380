/** Pauses a queue, lowers its number of slots, and back again. */
import type { Queue } from '../runtime/queue.js';
import type { Action } from './faults.js';
import type { ToldEvent } from './listen.js';
import type { ScenarioQueue } from './scenario-shape.js';

/** What is done to a queue. @internal */
export type QueueChange = Extract<Action, { readonly queue: string }>['do'];

/** The event that tells of it. @internal */
export function changeOf({ name, concurrency, resources = {} }: ScenarioQueue, change: QueueChange): ToldEvent {
  if (change === 'pause' || change === 'unpause') return { event: change, queue: name };
  return { event: 'limits', queue: name, slots: change === 'lower' ? 1 : concurrency, resources };
}

/** Does it. @internal */
export function changeQueue(queue: Queue, { concurrency }: ScenarioQueue, change: QueueChange): void {
  if (change === 'pause') queue.pause();
  else if (change === 'unpause') queue.resume();
  else queue.set({ concurrency: change === 'lower' ? 1 : concurrency });
}
