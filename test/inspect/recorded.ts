/** A recorder that has begun. */
import type { Scheduler } from '../../src/index.js';
import { Recorder } from '../../src/inspect/recorder/recorder.js';

export async function recorded(scheduler: Scheduler, maxRows = 1_000): Promise<Recorder> {
  const recorder = new Recorder(scheduler._engine, { maxRows, keepsWork: true });
  await recorder.attach();
  return recorder;
}
