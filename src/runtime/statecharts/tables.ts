/** The statecharts of machines/ as tables. Generated: change the statecharts, then `npm run compile:statecharts`. */
import type { TableData } from './chart.js';

/** @internal */
export const TASK_TABLE: TableData = {
  "initialActions": [],
  "states": [
    { "value":"pending","tags":[],"isFinal":false, "on": {
      "dependencies.satisfied": {"to":1,"do":["announceReady"]},
      "followed.done": {"to":2,"do":["keepOutcome","settle","emitSettled"]},
      "pause.ended": {"to":1,"do":["announceReady"]},
      "dependency.failed": {"to":3,"do":["keepOutcome","settle","emitSettled"]},
      "cancel.requested": {"to":4,"do":["keepOutcome","settle","emitSettled"]},
      "partial.delivered": {"to":0,"do":["countStale"]},
      "start.withdrawn": {"to":0,"do":["countStale"]},
      "attempt.done": {"to":0,"do":["countStale"]},
      "attempt.followed": {"to":0,"do":["countStale"]},
      "attempt.failed": {"to":0,"do":["countStale"]},
      "attempt.timedOut": {"to":0,"do":["countStale"]},
      "evict.requested": {"to":0,"do":["countStale"]},
    } },
    { "value":"ready","tags":[],"isFinal":false, "on": {
      "cancel.requested": {"to":4,"do":["keepOutcome","settle","emitSettled"]},
      "partial.delivered": {"to":1,"do":["countStale"]},
      "start.withdrawn": {"to":1,"do":["countStale"]},
      "attempt.done": {"to":1,"do":["countStale"]},
      "attempt.followed": {"to":1,"do":["countStale"]},
      "attempt.failed": {"to":1,"do":["countStale"]},
      "attempt.timedOut": {"to":1,"do":["countStale"]},
      "evict.requested": {"to":1,"do":["countStale"]},
      "start.granted": {"to":5,"do":["raiseAttempt","startAttempt"]},
    } },
    { "value":"done","tags":["settled"],"isFinal":true, "on": {
    } },
    { "value":"failed","tags":["settled"],"isFinal":true, "on": {
    } },
    { "value":"cancelled","tags":["settled"],"isFinal":true, "on": {
    } },
    { "value":"running","tags":["live"],"isFinal":false, "on": {
      "cancel.requested": {"to":4,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},
      "partial.delivered": {"if":"isFromThisAttempt","yes":{"to":6,"do":["countPartial","deliverPartial","emitPartial"]},"no":{"to":5,"do":["countStale"]}},
      "start.withdrawn": {"if":"isFromThisAttempt","yes":{"to":1,"do":["lowerAttempt","goBack"]},"no":{"to":5,"do":["countStale"]}},
      "attempt.done": {"if":"isFromThisAttempt","yes":{"to":2,"do":["keepOutcome","settle","emitSettled"]},"no":{"to":5,"do":["countStale"]}},
      "attempt.followed": {"if":"isFromThisAttempt","yes":{"to":0,"do":["follow"]},"no":{"to":5,"do":["countStale"]}},
      "attempt.failed": {"if":"isRetriedAtOnce","yes":{"to":1,"do":["goBack"]},"no":{"if":"isRetriedLater","yes":{"to":0,"do":["pause"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","settle","emitSettled"]},"no":{"to":5,"do":["countStale"]}}}},
      "attempt.timedOut": {"if":"isRetriedAtOnce","yes":{"to":1,"do":["dropAttempt","goBack"]},"no":{"if":"isRetriedLater","yes":{"to":0,"do":["dropAttempt","pause"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},"no":{"to":5,"do":["countStale"]}}}},
      "evict.requested": {"if":"isRequeued","yes":{"to":1,"do":["dropAttempt","goBack"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},"no":{"to":5,"do":["countStale"]}}},
    } },
    { "value":"partial","tags":["live"],"isFinal":false, "on": {
      "cancel.requested": {"to":4,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},
      "partial.delivered": {"if":"isFromThisAttempt","yes":{"to":6,"do":["countPartial","deliverPartial","emitPartial"]},"no":{"to":6,"do":["countStale"]}},
      "start.withdrawn": {"to":6,"do":["countStale"]},
      "attempt.done": {"if":"isFromThisAttempt","yes":{"to":2,"do":["keepOutcome","settle","emitSettled"]},"no":{"to":6,"do":["countStale"]}},
      "attempt.followed": {"to":6,"do":["countStale"]},
      "attempt.failed": {"if":"isRetriedAtOnce","yes":{"to":1,"do":["goBack"]},"no":{"if":"isRetriedLater","yes":{"to":0,"do":["pause"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","settle","emitSettled"]},"no":{"to":6,"do":["countStale"]}}}},
      "attempt.timedOut": {"if":"isRetriedAtOnce","yes":{"to":1,"do":["dropAttempt","goBack"]},"no":{"if":"isRetriedLater","yes":{"to":0,"do":["dropAttempt","pause"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},"no":{"to":6,"do":["countStale"]}}}},
      "evict.requested": {"if":"isRequeued","yes":{"to":1,"do":["dropAttempt","goBack"]},"no":{"if":"isFromThisAttempt","yes":{"to":3,"do":["keepOutcome","dropAttempt","settle","emitSettled"]},"no":{"to":6,"do":["countStale"]}}},
    } },
  ],
};

/** @internal */
export const QUEUE_TABLE: TableData = {
  "initialActions": [],
  "states": [
    { "value":{"admission":"open","gate":"shut","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":1,"do":[]},
      "close.requested": {"to":2,"do":[]},
      "scheduler.started": {"to":3,"do":[]},
      "task.offered": {"to":0,"do":["refuse"]},
      "room.requested": {"to":0,"do":["refuse"]},
    } },
    { "value":{"admission":"full","gate":"shut","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":2,"do":[]},
      "room.made": {"to":0,"do":[]},
      "scheduler.started": {"to":4,"do":[]},
      "task.offered": {"to":1,"do":["refuse"]},
      "room.requested": {"to":1,"do":["refuse"]},
    } },
    { "value":{"admission":"closed","gate":"shut","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.started": {"to":6,"do":[]},
      "task.offered": {"to":2,"do":["refuse"]},
      "room.requested": {"to":2,"do":["refuse"]},
    } },
    { "value":{"admission":"open","gate":"open","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":4,"do":[]},
      "close.requested": {"to":6,"do":[]},
      "scheduler.stopped": {"to":0,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":8,"do":["take","grant"]},"no":{"to":7,"do":["take","grant"]}},"no":{"to":3,"do":["refuse"]}},
      "room.requested": {"to":3,"do":["refuse"]},
    } },
    { "value":{"admission":"full","gate":"open","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":6,"do":[]},
      "room.made": {"to":3,"do":[]},
      "scheduler.stopped": {"to":1,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":10,"do":["take","grant"]},"no":{"to":9,"do":["take","grant"]}},"no":{"to":4,"do":["refuse"]}},
      "room.requested": {"to":4,"do":["refuse"]},
    } },
    { "value":{"activity":"removed","gate":"removed","admission":"removed"},"tags":[],"isFinal":true, "on": {
    } },
    { "value":{"admission":"closed","gate":"open","activity":"idle"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.stopped": {"to":2,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":12,"do":["take","grant"]},"no":{"to":11,"do":["take","grant"]}},"no":{"to":6,"do":["refuse"]}},
      "room.requested": {"to":6,"do":["refuse"]},
    } },
    { "value":{"admission":"open","gate":"open","activity":"working"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":9,"do":[]},
      "close.requested": {"to":11,"do":[]},
      "scheduler.stopped": {"to":13,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":8,"do":["take","grant"]},"no":{"to":7,"do":["take","grant"]}},"no":{"to":7,"do":["refuse"]}},
      "room.requested": {"if":"hasVictims","yes":{"to":7,"do":["evict"]},"no":{"to":7,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":3,"do":["giveBack","announceRoom"]},"no":{"to":7,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"open","gate":"open","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":10,"do":[]},
      "close.requested": {"to":12,"do":[]},
      "scheduler.stopped": {"to":14,"do":[]},
      "task.offered": {"to":8,"do":["refuse"]},
      "room.requested": {"if":"hasVictims","yes":{"to":8,"do":["evict"]},"no":{"to":8,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":3,"do":["giveBack","announceRoom"]},"no":{"to":7,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"full","gate":"open","activity":"working"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":11,"do":[]},
      "room.made": {"to":7,"do":[]},
      "scheduler.stopped": {"to":15,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":10,"do":["take","grant"]},"no":{"to":9,"do":["take","grant"]}},"no":{"to":9,"do":["refuse"]}},
      "room.requested": {"if":"hasVictims","yes":{"to":9,"do":["evict"]},"no":{"to":9,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":4,"do":["giveBack","announceRoom"]},"no":{"to":9,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"full","gate":"open","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":12,"do":[]},
      "room.made": {"to":8,"do":[]},
      "scheduler.stopped": {"to":16,"do":[]},
      "task.offered": {"to":10,"do":["refuse"]},
      "room.requested": {"if":"hasVictims","yes":{"to":10,"do":["evict"]},"no":{"to":10,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":4,"do":["giveBack","announceRoom"]},"no":{"to":9,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"closed","gate":"open","activity":"working"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.stopped": {"to":17,"do":[]},
      "task.offered": {"if":"fits","yes":{"if":"wantsLastSlot","yes":{"to":12,"do":["take","grant"]},"no":{"to":11,"do":["take","grant"]}},"no":{"to":11,"do":["refuse"]}},
      "room.requested": {"if":"hasVictims","yes":{"to":11,"do":["evict"]},"no":{"to":11,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":6,"do":["giveBack","announceRoom"]},"no":{"to":11,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"closed","gate":"open","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.stopped": {"to":18,"do":[]},
      "task.offered": {"to":12,"do":["refuse"]},
      "room.requested": {"if":"hasVictims","yes":{"to":12,"do":["evict"]},"no":{"to":12,"do":["refuse"]}},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":6,"do":["giveBack","announceRoom"]},"no":{"to":11,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"open","gate":"shut","activity":"working"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":15,"do":[]},
      "close.requested": {"to":17,"do":[]},
      "scheduler.started": {"to":7,"do":[]},
      "task.offered": {"to":13,"do":["refuse"]},
      "room.requested": {"to":13,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":0,"do":["giveBack","announceRoom"]},"no":{"to":13,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"open","gate":"shut","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "bound.reached": {"to":16,"do":[]},
      "close.requested": {"to":18,"do":[]},
      "scheduler.started": {"to":8,"do":[]},
      "task.offered": {"to":14,"do":["refuse"]},
      "room.requested": {"to":14,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":0,"do":["giveBack","announceRoom"]},"no":{"to":13,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"full","gate":"shut","activity":"working"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":17,"do":[]},
      "room.made": {"to":13,"do":[]},
      "scheduler.started": {"to":9,"do":[]},
      "task.offered": {"to":15,"do":["refuse"]},
      "room.requested": {"to":15,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":1,"do":["giveBack","announceRoom"]},"no":{"to":15,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"full","gate":"shut","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":18,"do":[]},
      "room.made": {"to":14,"do":[]},
      "scheduler.started": {"to":10,"do":[]},
      "task.offered": {"to":16,"do":["refuse"]},
      "room.requested": {"to":16,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":1,"do":["giveBack","announceRoom"]},"no":{"to":15,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"closed","gate":"shut","activity":"working"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.started": {"to":11,"do":[]},
      "task.offered": {"to":17,"do":["refuse"]},
      "room.requested": {"to":17,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":2,"do":["giveBack","announceRoom"]},"no":{"to":17,"do":["giveBack","announceRoom"]}},
    } },
    { "value":{"admission":"closed","gate":"shut","activity":"saturated"},"tags":[],"isFinal":false, "on": {
      "queue.removed": {"to":5,"do":[]},
      "scheduler.started": {"to":12,"do":[]},
      "task.offered": {"to":18,"do":["refuse"]},
      "room.requested": {"to":18,"do":["refuse"]},
      "slot.returned": {"if":"returnsLastSlot","yes":{"to":2,"do":["giveBack","announceRoom"]},"no":{"to":17,"do":["giveBack","announceRoom"]}},
    } },
  ],
};

/** @internal */
export const SCHEDULER_TABLE: TableData = {
  "initialActions": ["reportState"],
  "states": [
    { "value":"stopped","tags":[],"isFinal":false, "on": {
      "start.requested": {"to":1,"do":["openGates","reportState","select"]},
      "close.requested": {"to":2,"do":["reportState","beginClosing"]},
      "terminate.requested": {"to":2,"do":["reportState","beginClosing"]},
    } },
    { "value":{"running":"busy"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":3,"do":["reportState","beginDraining","select"]},
      "terminate.requested": {"to":2,"do":["shutGates","reportState","beginClosing"]},
      "stop.requested": {"to":0,"do":["shutGates","reportState"]},
      "work.changed": {"to":1,"do":["select"]},
      "selection.ended": {"if":"nothingIsLeft","yes":{"to":4,"do":["reportState"]},"no":{"if":"nothingMoves","yes":{"to":5,"do":["reportState"]},"no":null}},
    } },
    { "value":"closing","tags":[],"isFinal":false, "on": {
      "executors.closed": {"to":6,"do":["reportState"]},
    } },
    { "value":"draining","tags":[],"isFinal":false, "on": {
      "terminate.requested": {"to":2,"do":["shutGates","reportState","beginClosing"]},
      "stop.requested": {"to":2,"do":["shutGates","reportState","beginClosing"]},
      "work.changed": {"to":3,"do":["select"]},
      "selection.ended": {"if":"nothingIsLeft","yes":{"to":2,"do":["shutGates","reportState","beginClosing"]},"no":{"if":"nothingMoves","yes":{"to":2,"do":["shutGates","reportState","beginClosing"]},"no":null}},
    } },
    { "value":{"running":"idle"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":3,"do":["reportState","beginDraining","select"]},
      "terminate.requested": {"to":2,"do":["shutGates","reportState","beginClosing"]},
      "stop.requested": {"to":0,"do":["shutGates","reportState"]},
      "work.changed": {"to":1,"do":["reportState","select"]},
    } },
    { "value":{"running":"stalled"},"tags":[],"isFinal":false, "on": {
      "close.requested": {"to":3,"do":["reportState","beginDraining","select"]},
      "terminate.requested": {"to":2,"do":["shutGates","reportState","beginClosing"]},
      "stop.requested": {"to":0,"do":["shutGates","reportState"]},
      "work.changed": {"to":1,"do":["reportState","select"]},
    } },
    { "value":"closed","tags":[],"isFinal":true, "on": {
    } },
  ],
};
