/** What an executor and its queue have to do with each other besides attempts. */
import type { Executor } from '../../core/ports.js';
import type { QueueControl } from './queue-control.js';

/** @param isSized - the queue has as many slots as the executor's workers. @internal */
export function tieExecutor(
  queue: QueueControl,
  executor: Executor,
  { isSized, keeping }: { readonly isSized: boolean; readonly keeping: { readonly storeId: string } | undefined },
): void {
  if (keeping !== undefined) executor.resumes?.(keeping.storeId);
  if (isSized) executor.watchSlots?.((slots) => queue.set({ concurrency: Math.max(1, slots) }));
}
