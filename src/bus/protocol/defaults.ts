/** Constants that bus and clients share. */

/** The port of a bus, unless its options name another. @internal */
export const DEFAULT_PORT = 8101;

/** The longest frame that a bus accepts, unless its options say otherwise. @internal */
export const DEFAULT_FRAME_BYTES = 64 * 1024;

/** The longest frame that any bus can be configured to accept. @internal */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/** Maximum number of jobs that one scheduler runs at once. @internal */
export const MAX_SLOTS = 10_000;

/** Maximum number of jobs that one scheduler accepts beyond its slots. @internal */
export const MAX_BACKLOG = 100_000;
