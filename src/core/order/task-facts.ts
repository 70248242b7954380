/**
 * The yes-or-no facts of a task: one bit each of `GraphNode.facts`, so that a million waiting tasks spend one number on all of
 * them. The graph, the order and the runtime each have some; this file alone numbers them, so that no two share a bit.
 *
 * Invariant: every constant is a power of two of its own, below 2³⁰, so that V8 keeps `facts` as a small integer.
 */

/** The graph's: done, failed or cancelled. @internal */
export const SETTLED = 1;

/** The order's: every dependency is satisfied and no attempt has been granted. @internal */
export const READY = 2;
/** The order's: an attempt has been granted; walks pass the task over. @internal */
export const STARTED = 4;
/** The order's: the task has a rank, in a block or alone. @internal */
export const RANKED = 8;

/** The runtime's: the function delivers partial results. @internal */
export const STREAM = 16;
/** The runtime's: handles stand among the arguments. @internal */
export const HANDLES = 32;
/** The runtime's: the actor was handed out, so it stays reachable after settlement. @internal */
export const EXPOSED = 64;
/** The runtime's: a task that was to release this one has settled. @internal */
export const RELEASED = 128;
/** The runtime's: settled, and still holding its slot and resources. @internal */
export const HOLDING = 256;
/** The runtime's: a caller has asked, or was told, how the task ended, so its failure is not unnoticed. @internal */
export const LOOKED_AT = 512;
/** The runtime's: the arguments are exactly the results of the dependencies, in their order. @internal */
export const DIRECT = 1024;
/** The order's: withdrawn without having settled; see `UnneededTasks`. @internal */
export const UNNEEDED = 2048;
