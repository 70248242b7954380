/** Time, chance and the event loop as the operating system, the language and Node give them: the adapter behind the runtime's ports. */
import type { Clock, Environment, LoopMember } from '../core/ports.js';

const members = new Set<WeakRef<LoopMember>>();
const collected = new FinalizationRegistry<WeakRef<LoopMember>>((ref) => {
  members.delete(ref);
  if (members.size === 0) process.off('beforeExit', tellMembers);
});

function tellMembers(): void {
  for (const ref of members) ref.deref()?.loopEnds();
}

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
  watchLoop(member) {
    if (members.size === 0) process.on('beforeExit', tellMembers);
    const ref = new WeakRef(member);
    members.add(ref);
    collected.register(member, ref);
  },
};

/** The time of day, in milliseconds since 1970. @internal */
export const wallClockMs = (): number => Date.now();

/** A clock whose timers do not keep the process alive: for what only watches. @internal */
export const backgroundClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
