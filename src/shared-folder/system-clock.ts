/** The clock of this process: monotonic, so that nobody who sets the time of day ends a wait. */
import type { ClockPort } from './ports.js';

/** @internal */
export const systemClock: ClockPort = {
  nowMs: () => performance.now(),
  after(delayMs, isVital, callback) {
    const timer = setTimeout(callback, delayMs);
    if (!isVital) timer.unref();
    return () => clearTimeout(timer);
  },
};
