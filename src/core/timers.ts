/** The limit of timers. */

/** The longest delay of a timer, in milliseconds; with a longer one it would fire at once. @internal */
export const MAX_TIMER_MS = 2 ** 31 - 1;
