/**
 * Deliveries that may go first. Where the first message of a channel to a queue or a task commutes with all else that can happen before it
 * is delivered, one order stands for all: it is delivered at once, and nothing else is tried in that state (an ample set of one transition:
 * Peled, "All from one, one for all", CAV 1993).
 *
 * Why nothing is missed. What others do does not change what a queue or a task does with the message, and messages of others only queue up
 * behind it. What comes to a task from outside before the message could have come before the scheduler sent it, for the scheduler hears of
 * it later still. So every process still gets every message in every state of its own, and everything still comes to rest in every state in
 * which it can, as nothing is on its way there. What is counted of slots is a sum over processes and channels, and stays wrong if it was.
 * Deliveries use up messages, so none is put off for ever.
 */
import type { Moves } from './moves.js';
import type { System } from './system.js';
import { isSettled } from './task-data.js';

/** The place of the channel in `vector` whose first message may go first; -1 if there is none. @internal */
export function commutingPlace(system: System, moves: Moves, vector: Int32Array): number {
  const { outgoing, firstQueue, incoming } = system;
  for (let place = incoming - 1; place >= outgoing; place -= 1) {
    if (vector[place] === 0) continue;
    // A queue is told things by the scheduler only.
    if (place >= outgoing + firstQueue || mayGoFirst(system, moves, vector, place - outgoing)) return place;
  }
  return -1;
}

function mayGoFirst(system: System, moves: Moves, vector: Int32Array, task: number): boolean {
  const { channels, messages, bounds, outgoing } = system;
  const data = system.taskData(vector, task);
  if (isSettled(data) && data.ending.length === 0) return true;
  // A scheduler that closes, or stops before a function is called, changes what may come from outside.
  if (bounds.closes !== false || data.run?.hasBegun === false) return false;
  if (messages.valueOf(channels.head(vector[outgoing + task] ?? 0)).type !== 'granted') return true;
  // A scheduler that is stopped changes what a grant does.
  const mayStop = bounds.onFailure !== 'continue' || !moves.isSpent(vector, 'stops');
  return !mayStop && system.schedulerData(vector).state !== 'stopped';
}
