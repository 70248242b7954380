/**
 * Bugs to be found: each a change of one place of the runtime, with what it means. They are put into a bundle of the kit, never into the
 * product.
 */

export interface PlantedBug {
  /** What goes wrong, as a sentence. */
  readonly bug: string;
  /** Where it is looked for: in scenarios of all kinds, or in those with evictions. Default: `any`. */
  readonly ground?: 'any' | 'evictions';
  /** Below src/. */
  readonly file: string;
  /** Text that stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const attempts = 'runtime/tasks/attempts.ts';
const attempt = 'runtime/tasks/attempt.ts';
const settlement = 'runtime/tasks/settlement.ts';
const held = 'runtime/tasks/held-slots.ts';
const selection = 'runtime/queues/selection.ts';
const lifecycle = 'runtime/lifecycle.ts';
const periods = 'runtime/run-periods.ts';
const order = 'core/order/demand-order.ts';
const urgencies = 'core/order/urgencies.ts';
const ledger = 'core/order/resource-ledger.ts';
const preemption = 'runtime/queues/preemption.ts';
const rates = 'runtime/queues/rate-limit.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    bug: 'The slot of an attempt that was given up never comes back.',
    file: attempts,
    find: 'if (record.isSettled || record.run !== run) {\n      this.free(record, run);',
    replace: 'if (record.isSettled || record.run !== run) {',
  },
  {
    bug: 'The slot of an attempt that is given up comes back before the attempt has ended.',
    file: attempts,
    find: 'if (run?.hasEnded === true) this.free(record, run);',
    replace: 'if (run !== undefined) this.free(record, run);',
  },
  {
    bug: 'The slot of a task that ends comes back twice.',
    file: settlement,
    find: 'else if (run.hasEnded) attempts.free(record, run);',
    replace: 'else if (run.hasEnded) { attempts.free(record, run); attempts.slots.giveBack(record); }',
  },
  {
    bug: 'A resource is given back twice.',
    file: ledger,
    find: 'Math.max(0, amount - (demand[index] ?? 0))',
    replace: 'Math.max(0, amount - 2 * (demand[index] ?? 0))',
  },
  {
    bug: 'A resource is not given back while other tasks run.',
    file: ledger,
    find: 'Math.max(0, amount - (demand[index] ?? 0))',
    replace: 'Math.max(0, amount)',
  },
  {
    bug: 'A task that holds its slot gives it back when it is done.',
    file: held,
    find: 'record.isHolding = true;\n    record.queue.holders.add(record);\n    return true;',
    replace: 'return false;',
  },
  {
    bug: 'A held slot comes back when an attempt at the task that releases it fails, though another follows.',
    file: held,
    find: 'if (!record.isSettled || record.run',
    replace: 'if (record.run',
  },
  {
    bug: 'A task that releases two held slots gives back one.',
    file: held,
    find: '      this.giveBack(holder);\n    }',
    replace: '      this.giveBack(holder);\n      return;\n    }',
  },
  {
    bug: 'A slot that was released before it was held is held all the same.',
    file: held,
    find: 'record.extras?.hold !== true || record.isReleased ||',
    replace: 'record.extras?.hold !== true ||',
  },
  {
    bug: 'A timer wakes up the first that is due, and no other.',
    file: 'runtime/policies/deadlines.ts',
    find: '      next.passed();\n    }\n    this.#setTimer();',
    replace: '      next.passed();\n      break;\n    }',
  },
  {
    bug: 'A task that is cancelled before it starts does not release what it was to release.',
    file: settlement,
    find: 'if (run === undefined) attempts.slots.release(record);\n    else if',
    replace: 'if (run === undefined) void attempts;\n    else if',
  },
  {
    bug: 'A retry loses its place: the task is ready, and the order does not know.',
    file: attempts,
    find: 'this.#detach(record);\n    this.#port.order.ready(record);\n    this.#port.hub.moved(record, previous,',
    replace: 'this.#detach(record);\n    this.#port.hub.moved(record, previous,',
  },
  {
    bug: 'A pause before a retry never ends.',
    file: attempts,
    find: "record.tell({ type: 'pause.ended' });",
    replace: '',
  },
  {
    bug: 'The pause of a task that was cancelled in it keeps the scheduler busy.',
    file: settlement,
    find: 'attempts.endPause(record);\n',
    replace: '',
  },
  {
    bug: 'One attempt too many is made.',
    file: 'runtime/tasks/verdict.ts',
    find: 'record.failures >= retry.attempts',
    replace: 'record.failures > retry.attempts',
  },
  {
    bug: 'A second attempt delivers partial results again that the first had delivered.',
    file: attempt,
    find: 'if (this.#reported <= this.deliveredBefore) return undefined;',
    replace: '',
  },
  {
    bug: 'A partial result is kept twice, so that later ones are taken for others.',
    file: settlement,
    find: 'record.partials.push(event.value);',
    replace: 'record.partials.push(event.value, event.value);',
  },
  {
    bug: 'What waits for a partial result is not told of it.',
    file: settlement,
    find: 'visitEach(waiting, index, this.#satisfy);',
    replace: '',
  },
  {
    bug: 'That a task has its first partial result is not told.',
    file: settlement,
    find: "if (index === record.run?.deliveredBefore) this.#port.hub.moved(record, 'running', 'partial');",
    replace: '',
  },
  {
    bug: 'A stream that delivers too few partial results is done.',
    file: attempt,
    find: 'announced !== undefined && this.#reported !== announced) {',
    replace: 'announced !== undefined && this.#reported > announced) {',
  },
  {
    bug: 'A second report of an end is taken for an end.',
    file: attempt,
    find: 'if (this.#hasEnded) {\n      this.#listener.countStale();\n      return false;\n    }\n    this.#hasEnded = true;\n    this.record',
    replace: 'this.#hasEnded = true;\n    this.record',
  },
  {
    bug: 'The result of an attempt that was given up is accepted.',
    file: attempts,
    find: 'if (!run.isDropped && !record.isSettled) return false;',
    replace: 'if (!record.isSettled) return false;',
  },
  {
    bug: 'A timeout is taken for the end of the attempt, which runs on.',
    file: attempts,
    find: "record.tell({ type: 'attempt.timedOut', attempt, ...verdict });",
    replace: "record.tell({ type: 'attempt.failed', attempt, ...verdict });",
  },
  {
    bug: 'A timeout is not told to the executor.',
    file: attempts,
    find: "else if ('error' in event) run.drop(event.error, graceMs);",
    replace: '',
  },
  {
    bug: 'A stop within a selection does not end it, and overtakes no grant.',
    file: selection,
    find: 'while (eventQueue.isDraining && !eventQueue.hasUrgent) {',
    replace: 'while (eventQueue.isDraining) {',
  },
  {
    bug: 'A stop waits behind what was sent before, and grants overtake it.',
    file: lifecycle,
    find: 'this.#port.eventQueue.postUrgent(this.#port.cell, event);',
    replace: 'this.#port.eventQueue.post(this.#port.cell, event);',
  },
  {
    bug: 'A function is called after a stop, whose executor waited with it.',
    file: attempt,
    find: 'if (this.#isDropped || this.#listener.mayBegin) return true;',
    replace: 'return true;',
  },
  {
    bug: 'A function that was not called because of a stop never is.',
    file: attempt,
    find: 'this.#listener.attemptWithdrawn(this);',
    replace: '',
  },
  {
    bug: 'An executor that asks late is told that it may not call the function, though nothing has stopped.',
    file: attempt,
    find: 'if (this.#isDropped || this.#listener.mayBegin) return true;',
    replace: 'if (this.#isDropped) return true;',
  },
  {
    bug: 'The promise of a stop resolves when one attempt has ended, and others run.',
    file: periods,
    find: 'if (waiter.left === 0) waiter.resolve();',
    replace: 'waiter.resolve();',
  },
  {
    bug: 'The promise of a stop waits for attempts that were granted after it, too.',
    file: periods,
    find: 'if (attempt.epoch > waiter.epoch) continue;',
    replace: 'if (attempt.epoch <= waiter.epoch) continue;',
  },
  {
    bug: 'The promise of a stop does not wait for what earlier periods have left.',
    file: periods,
    find: 'this.#waiters.push({ epoch: this.#epoch, left: running, promise, resolve });',
    replace: 'this.#waiters.push({ epoch: this.#epoch, left: Math.max(1, running - this.#epoch), promise, resolve });',
  },
  {
    bug: 'Nothing is selected after a slot came back.',
    file: 'runtime/queues/queue-state.ts',
    find: 'roomMade(): void {\n    this.#hasRoom = true;',
    replace: 'roomMade(): void {',
  },
  {
    bug: 'A failure does not reach what depends on a partial result.',
    file: settlement,
    find: 'else this.#doomFor(dependent, record, index);\n    });',
    replace: 'else if (index === WHOLE) this.#doomFor(dependent, record, index);\n    });',
  },
  {
    bug: 'A failed task satisfies its dependents.',
    file: settlement,
    find: "if (outcome.status === 'done' && index === WHOLE) this.#satisfy(dependent);",
    replace: 'if (index === WHOLE) this.#satisfy(dependent);',
  },
  {
    bug: 'A task is ready with one dependency missing.',
    file: settlement,
    find: 'if (dependent.waiting === 0 && !dependent.isSettled) this.becomeReady(dependent);',
    replace: 'if (dependent.waiting <= 1 && !dependent.isSettled && !dependent.isReady) this.becomeReady(dependent);',
  },
  {
    bug: 'Demand is not moved up for tasks that are submitted while a selection waits.',
    file: order,
    find: 'add(node: RankedNode): void {\n    this.#roots.add(node);',
    replace: 'add(node: RankedNode): void {\n    if (node.seq < 6 || node.waiting === 0) this.#roots.add(node);',
  },
  {
    bug: 'A block of demand is not taken over by a newer root.',
    file: order,
    find: 'if (block !== undefined && this.#takeover.takeBlock(walk, block, node)) return;',
    replace: 'if (block !== undefined) return;',
  },
  {
    bug: 'A withdrawn task keeps its demand.',
    file: order,
    find: 'this.#orphans.withdrawn(node);',
    replace: '',
  },
  {
    bug: 'A dependency does not inherit the urgency of what needs it.',
    file: order,
    find: 'this.#roots.add(node);\n    this.urgencies?.added(node);',
    replace: 'this.#roots.add(node);',
  },
  {
    bug: 'What is no longer urgent keeps its urgency.',
    file: urgencies,
    find: 'this.settled(node);\n    this.#doubtNeeds(node, urgency);',
    replace: 'this.settled(node);',
  },
  {
    bug: 'Idle is announced while a task waits for its next attempt.',
    file: lifecycle,
    find: 'attempts.running + attempts.paused - attempts.stuck',
    replace: 'attempts.running - attempts.stuck',
  },
  {
    bug: 'A cancelled task that waits for its slot starts all the same.',
    file: settlement,
    find: 'else order.withdraw(record);',
    replace: 'else order.done(record);',
  },
  {
    bug: 'One start more than the burst is granted.',
    file: rates,
    find: 'const isOpen = delayMs <= TOLERANCE_MS;',
    replace: 'const isOpen = delayMs <= this.#spacingMs;',
  },
  {
    bug: 'A rate regains starts only after a pause of its own.',
    file: rates,
    find: 'this.fullAtMs = Math.max(this.fullAtMs, this.#port.now()) + this.#spacingMs;',
    replace: 'this.fullAtMs = this.#port.now() + this.#spacingMs * this.#burst;',
  },
  {
    bug: 'A rate that allows starts again is not told to the queue.',
    file: rates,
    find: 'if (this.isOpen) this.#port.opened();',
    replace: '',
  },
  {
    bug: 'A shut rate is not looked at when tasks become ready behind it.',
    file: rates,
    find: 'if (!this.isOpen) this.#look();',
    replace: '',
  },
  {
    bug: 'The rate of a key is not charged for its starts.',
    file: selection,
    find: 'record.lane.gate?.started();',
    replace: '',
  },
  {
    bug: 'A key that is asked for again has forgotten its starts.',
    file: rates,
    find: 'gate.fullAtMs <= now;',
    replace: 'gate !== undefined;',
  },
  {
    bug: 'The scheduler is idle or stalled while tasks wait for a rate.',
    file: lifecycle,
    find: 'queues.some(({ rate }) => rate?.isWaiting === true)',
    replace: 'false',
  },
  {
    bug: 'The most urgent is evicted first.',
    ground: 'evictions',
    file: 'core/order/eviction.ts',
    find: 'sort((a, b) => a.urgency - b.urgency)',
    replace: 'sort((a, b) => b.urgency - a.urgency)',
  },
  {
    bug: 'Of equally urgent tasks the one that began first is evicted.',
    ground: 'evictions',
    file: 'core/order/eviction.ts',
    find: 'running.toReversed()',
    replace: '[...running]',
  },
  {
    bug: 'Tasks are evicted for one that the rate of its queue keeps back.',
    ground: 'evictions',
    file: selection,
    find: 'if (!queue.isWithinRate) continue;',
    replace: '',
  },
  {
    bug: 'A stream keeps the urgency of what needed a partial result and has it.',
    ground: 'evictions',
    file: preemption,
    find: 'if (running !== undefined) running.known = ownOf(run.record);',
    replace: '',
  },
  {
    bug: 'A task has the urgency of what needed it and has settled.',
    ground: 'evictions',
    file: preemption,
    find: 'if (each.known.witness.isSettled) each.known = ownOf(each.run.record);',
    replace: '',
  },
  {
    bug: 'A queue that drops what it evicts lets it wait again.',
    ground: 'evictions',
    file: selection,
    find: "const isDropped = queue.policy.onEvict === 'drop';",
    replace: 'const isDropped = false;',
  },
  {
    bug: 'A returned handle is taken for the result.',
    file: attempts,
    find: 'if (!run.stream && Handle._is(result)) {',
    replace: 'if (run.stream && Handle._is(result)) {',
  },
  {
    bug: 'A task that follows another misses its failure.',
    file: 'runtime/tasks/following.ts',
    find: "else record.tell({ type: 'dependency.failed', error: errorAt(followed, index) });",
    replace: '',
  },
  {
    bug: 'A task that follows a partial result waits for the whole.',
    file: 'runtime/tasks/following.ts',
    find: 'watch(followed, index, (stall)',
    replace: 'watch(followed, -1, (stall)',
  },
  {
    bug: 'A task that follows another keeps its slot.',
    file: attempts,
    find: 'const { following } = record;\n    this.#detach(record);',
    replace: 'const { following } = record;\n    record.queue.tally.live -= 1;',
  },
];
