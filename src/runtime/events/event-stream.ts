/** The events of a scheduler as an async iterable, with a bound on the events kept for a slow reader. */
import { SchedulerError } from '../../core/failures.js';
import type { EventHub, SchedulerEventUnion } from './event-hub.js';

const DEFAULT_LIMIT = 10_000;

/** See `Scheduler.events`. Listens from the call on, not from the first read. @internal */
export function eventStream(
  hub: EventHub,
  isClosed: boolean,
  { signal, limit = DEFAULT_LIMIT }: { readonly signal?: AbortSignal; readonly limit?: number },
): AsyncIterable<SchedulerEventUnion> {
  let kept: SchedulerEventUnion[] = [];
  let hasOverflowed = false;
  let isOver = isClosed || signal?.aborted === true;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const take = (event: SchedulerEventUnion): void => {
    if (kept.length < limit) kept.push(event);
    else hasOverflowed = true;
    if (event.type === 'scheduler' && event.state === 'closed') end();
    wake();
  };
  const unsubscribe = isOver
    ? []
    : [hub.on('task', take), hub.on('partial', take), hub.on('scheduler', take), hub.on('stalled', take)];
  const end = (): void => {
    isOver = true;
    for (const leave of unsubscribe) leave();
    signal?.removeEventListener('abort', end);
    wake();
  };
  signal?.addEventListener('abort', end, { once: true });
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const batch = kept;
          kept = [];
          yield* batch;
          if (kept.length > 0) continue;
          if (hasOverflowed) {
            throw new SchedulerError(
              'SlowConsumer',
              `more than ${limit} events were waiting for their reader; the later ones are lost`,
            );
          }
          if (isOver) return;
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
          });
        }
      } finally {
        end();
      }
    },
  };
}
