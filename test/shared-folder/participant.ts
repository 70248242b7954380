/** Participants in this process, each with a scheduler of its own, on a real folder. */
import { onTestFinished } from 'vitest';
import { type Handle, type Queue, type QueueOptions, Scheduler } from 'pullgraph';
import { sharedFolder, type SharedFolderOptions } from 'pullgraph/shared-folder';
import { Gate } from '../support/gate.js';

/** Looks far more often than by default, so that nothing waits for long, and gives up nobody. */
const QUICK: SharedFolderOptions = { checkMs: 20, beatMs: 50, expireMs: 600_000 };

export interface Participant {
  readonly scheduler: Scheduler;
  readonly queue: Queue;
}

/** A scheduler that runs, with one shared queue; closed when the test is over. */
export function participant(path: string, options: SharedFolderOptions = {}, queue: QueueOptions = {}): Participant {
  const scheduler = new Scheduler();
  const shared = sharedFolder(path, { ...QUICK, ...options });
  onTestFinished(() => scheduler.terminate());
  const work = scheduler.queue('work', shared.over({ concurrency: 2, ...queue }));
  scheduler.start();
  return { scheduler, queue: work };
}

/** The result, or the error. */
export const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

/** A task that has begun, and ends when its gate is opened. */
export async function begunTask<T>(queue: Queue, id: string, gate: Gate<T>): Promise<Handle<unknown>> {
  const begun = new Gate();
  const handle = queue.submit({ id }, () => {
    begun.open();
    return gate.promise;
  });
  await begun.promise;
  return handle;
}

/** Resolves when the task pauses because somebody else has it. */
export function pauseOf({ scheduler }: Participant, task: string): Promise<void> {
  return new Promise((resolve) => {
    scheduler.on('task', ({ id, state, previous }) => {
      if (id === task && previous === 'running' && state === 'pending') resolve();
    });
  });
}
