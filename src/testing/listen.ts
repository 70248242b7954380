/** Turns what a scheduler tells its listeners into events of a full trace. */
import { DependencyFailed, SchedulerError } from '../core/failures.js';
import { isInstance } from '../core/user-value.js';
import type { SchedulerEvents } from '../runtime/events/event-hub.js';
import type { Scheduler } from '../runtime/scheduler.js';
import type { TraceEvent } from './trace.js';

type Untimed<E> = E extends TraceEvent ? Omit<E, 'at'> : never;

/** An event without its time. @internal */
export type ToldEvent = Untimed<TraceEvent>;

/** Tells of every event until the returned function is called. What executors do is not among them. @internal */
export function listen(scheduler: Scheduler, tell: (event: ToldEvent) => void): () => void {
  const ends = [
    scheduler.on('task', (moved) => {
      const event = moveOf(moved);
      if (event !== undefined) tell(event);
    }),
    scheduler.on('partial', ({ id, index }) => tell({ event: 'partial', id: `${id}#${index}` })),
    scheduler.on('settled', (settled) => tell(endOf(settled))),
    scheduler.on('slot', ({ id, change }) => {
      if (change === 'returned') tell({ event: 'return', id });
    }),
    scheduler.on('scheduler', ({ state }) => tell({ event: 'state', state })),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Ends are told by `settled`, and starts by the executor. */
function moveOf({ id, previous, state, attempt }: SchedulerEvents['task']): ToldEvent | undefined {
  if (state !== 'ready' && state !== 'pending') return undefined;
  if (previous === 'pending') return { event: 'ready', id };
  return { event: 'again', id, attempt, to: state };
}

function endOf({ id, attempt, outcome }: SchedulerEvents['settled']): ToldEvent {
  if (outcome.status !== 'failed') return { event: outcome.status, id, attempt };
  const { error } = outcome;
  const code = isInstance(error, SchedulerError) ? { code: error.code } : {};
  const cause = isInstance(error, DependencyFailed) ? { cause: error.tasks[1] ?? '' } : {};
  return { event: 'failed', id, attempt, ...code, ...cause };
}
