/** What must hold whenever everything that led from the events so far has happened: nothing is lost, and nothing is left undone. */
import type { TaskState } from '../core/outcome.js';
import type { CheckedRun } from './checked-run.js';
import { evictionsAtRest } from './judge-eviction.js';
import { isHopeless, isSettled, isThere, type ModelTask } from './model.js';
import { slack } from './model-room.js';
import type { TraceEvent } from './trace.js';

/** @internal */
export function atRest(run: CheckedRun): void {
  const { model, state, asked } = run;
  if (run.isFull) for (const task of model.occupants) slotsAtRest(run, task);
  let busy = 0;
  for (const task of model.occupants) busy += task.slots - (model.isHolding(task) ? 1 : 0);
  let isPaused = false;
  for (const task of model.live) {
    taskAtRest(run, task);
    // A paused queue may be resumed, and a rate allows more in a while, so that nothing is stalled for them.
    isPaused ||= task.isPaused || (task.state === 'ready' && (task.queue.isPaused || model.isRated(task)));
  }
  const hasUnneeded = run.options.hasUnneeded?.() === true;
  if (model.isRunning && !hasUnneeded) {
    const first = model.next();
    const name = (): string => `${first?.plan.id} is ready, fits, and does not start`;
    run.judge('conservation', first === undefined, name, first === undefined ? [] : [first]);
  }
  if (!hasUnneeded) evictionsAtRest(run);
  if (state === undefined) return;
  if (asked === 'stop') {
    run.judge('acknowledgement', isShut(state), () => `stop() was called, and the scheduler is ${state}`, []);
    return;
  }
  if (asked === 'resume' && !isShut(state) && !hasUnneeded) {
    const expected = busy > 0 || isPaused ? 'busy' : model.live.size > 0 ? 'stalled' : 'idle';
    const text = (): string =>
      `the scheduler is ${state} and should be ${expected}: ${model.live.size} tasks are left, ${busy} run`;
    // Events do not tell of functions that wait for other tasks, of followers and of results that nobody takes: these keep their slots.
    const isUntold = !run.isFull && state === 'stalled' && model.live.size > 0;
    run.judge('idle', state === expected || isUntold, text, [...model.live].slice(0, MOST_NAMED));
  }
}

/** How many tasks a witness names where all that are left are meant. */
const MOST_NAMED = 5;

function isShut(state: string): boolean {
  return state !== 'busy' && state !== 'idle' && state !== 'stalled';
}

function slotsAtRest(run: CheckedRun, task: ModelTask): void {
  const { id } = task.plan;
  const { open } = task;
  const kept = open.size + (run.model.isHolding(task) ? 1 : 0);
  const text = (): string => `${id} has ${task.slots} slots, though ${open.size} of its attempts are running`;
  run.judge('returns', task.slots === kept, text, [task]);
}

function taskAtRest(run: CheckedRun, task: ModelTask): void {
  const { id } = task.plan;
  const { isCancelled, ended } = run.track(task);
  if (isCancelled) run.judge('cancel', false, () => `${id} was cancelled and has not settled`, [task]);
  if (task.doomedBy !== undefined) {
    const cause = task.doomedBy;
    run.judge('failures', false, () => `${id} has not failed, though ${cause.plan.id} will not deliver`, [task, cause]);
  }
  const { followed } = task;
  if (followed !== undefined) {
    const message = (): string =>
      `${id} has not settled, though ${task.plan.follows}, which it follows, is there or lost`;
    run.judge('outcome', !isThere(followed) && !isHopeless(followed), message, [task, followed.task]);
  }
  if (task.state === 'running' && ended?.attempt === task.attempt) {
    run.judge('outcome', false, () => `attempt ${task.attempt} of ${id} has ended, and the task still runs`, [task]);
  }
}

/** The end of the scheduler is announced: nothing must be left. @internal */
export function atClose(run: CheckedRun): void {
  const { model } = run;
  const running = [...model.occupants].filter(({ open }) => open.size > 0);
  const left = [...new Set([...running, ...model.live])];
  run.judge('progress', left.length === 0, () => `closed is announced, and ${left.length} tasks are left`, left);
}

/** The last event has come: what is left must have a reason. @internal */
export function atEnd(run: CheckedRun): void {
  const { model } = run;
  for (const task of model.occupants) {
    const { open } = task;
    run.judge('progress', open.size === 0, () => `${task.plan.id} still runs in the end`, [task]);
  }
  for (const task of model.live) {
    const { id } = task.plan;
    const isWaiting = task.missing > 0 || task.followed !== undefined;
    const isReason = !model.isRunning || isWaiting || !model.fits(task);
    run.judge(
      'progress',
      isReason && !isSettled(task) && task.state !== 'running' && !task.isPaused,
      () => `${id} is ${task.state} in the end`,
      [task],
    );
  }
}

/** Compares the state of a handle with that of its task in the model. @internal */
export function handleDiffers(
  run: CheckedRun,
  task: ModelTask,
  { state, told = state }: { readonly state: TaskState; readonly told?: TaskState },
): void {
  const isPartial = task.state === 'running' && task.delivered > run.track(task).deliveredBefore;
  const expected = isPartial ? 'partial' : task.state;
  const text = (): string =>
    `the handle of ${task.plan.id} is ${state}, events say ${told}, and it should be ${expected}`;
  run.judge('handles', state === expected && told === expected, text, [task]);
}

/** Compares what a ledger says with what the model says is taken. @internal */
export function ledgerDiffers(run: CheckedRun, ledger: Extract<TraceEvent, { event: 'ledger' }>): void {
  const queue = run.model.queues.get(ledger.queue);
  if (queue === undefined) return;
  const tasks = [...run.model.occupants].filter((task) => task.queue === queue);
  run.judge(
    'accounting',
    ledger.slots === queue.taken,
    () => `${ledger.queue} says that ${ledger.slots} slots are taken, and ${queue.taken} are`,
    tasks,
  );
  for (const [name, amount] of Object.entries(ledger.resources)) {
    const taken = queue.amounts.get(name) ?? 0;
    const isEqual = Math.abs(taken - amount) <= slack(queue.spec.resources?.[name] ?? 0) + 1e-9;
    run.judge(
      'accounting',
      isEqual,
      () => `${ledger.queue} says that ${amount} of ${name} are taken, and ${taken} are`,
      tasks,
    );
  }
}
