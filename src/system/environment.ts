/** Time and chance as the operating system and the language give them: the adapter behind the runtime's ports. */
import type { Environment } from '../core/ports.js';

/** The real ones. A timer that is waited for keeps the process alive. @internal */
export const systemEnvironment: Environment = {
  clock: {
    now: () => performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  },
  random: Math.random,
};
