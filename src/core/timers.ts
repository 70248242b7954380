/** What timers can do. */

/** The longest time that a timer takes, in milliseconds; it would fire at once for a longer one. @internal */
export const MAX_TIMER_MS = 2 ** 31 - 1;
