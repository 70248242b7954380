/** One queue whose tasks a test begins and ends by hand, in time that the test lets pass. */
import type { QueueOptions, SchedulerOptions } from '../../src/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { quiet } from '../support/event-loop.js';
import { manualQueue } from '../support/one-queue.js';

export function timedQueue(
  options: Omit<QueueOptions & Omit<SchedulerOptions, 'order'>, 'executor'> = {},
  random: () => number = () => 0,
): ReturnType<typeof manualQueue> & {
  readonly clock: SimulatedClock;
  /** Lets so many milliseconds pass, and everything happen that follows. */
  readonly pass: (ms: number) => Promise<void>;
} {
  const clock = new SimulatedClock();
  const queue = manualQueue({ ...options, _environment: { clock, random } });
  const pass = async (ms: number): Promise<void> => {
    clock.advanceTo(clock.now() + ms);
    await quiet();
  };
  return { ...queue, clock, pass };
}
