/** Judges the settlement of a task: that it is the first, and that it is what the latest attempt, or the task that it follows, has led to. */
import type { CheckedRun, Track } from './checked-run.js';
import { involved } from './judge-start.js';
import { isHopeless, isSettled, isThere, type ModelTask, type Need } from './model.js';
import type { ScenarioTask } from './scenario-shape.js';

interface Settlement {
  readonly event: 'done' | 'failed' | 'cancelled';
  readonly code?: string;
  readonly cause?: string;
}

/** The model still is as before the settlement. @internal */
export function judgeSettlement(run: CheckedRun, task: ModelTask, told: Settlement): void {
  const { plan, state, followed } = task;
  const { event } = told;
  const message = (): string => `${plan.id} settles as ${event} after it settled as ${state}`;
  run.judge('settlement', !isSettled(task), message, [task]);
  if (isSettled(task) || event === 'cancelled') return;
  if (followed !== undefined) judgeFollower(run, task, followed, event);
  else if (event === 'done') judgeSuccess(run, task);
  else judgeFailure(run, task, told);
}

/** Whether the executor has reported another number of partial results than was announced. @internal */
export function isMiscounted({ plan }: ModelTask, { reported }: Track): boolean {
  return plan.partials !== undefined && reported !== plan.partials;
}

function judgeFollower(run: CheckedRun, task: ModelTask, followed: Need, event: 'done' | 'failed'): void {
  const isRight = event === 'done' ? isThere(followed) : isHopeless(followed);
  const { id, follows } = task.plan;
  const message = (): string => `${id} is ${event}, and follows ${follows}, whose task is ${followed.task.state}`;
  run.judge('outcome', isRight, message, [task, followed.task]);
}

function judgeSuccess(run: CheckedRun, task: ModelTask): void {
  const track = run.track(task);
  const { plan, attempt, delivered } = task;
  const { ended } = track;
  const hasEndedWell = ended?.attempt === attempt && ended.as === 'done';
  run.judge(
    'outcome',
    isUnderWay(run, task) && (!run.isFull || hasEndedWell),
    () => `${plan.id} is done, though its attempt ${attempt} has not ended well`,
    [task],
  );
  track.accepted = attempt;
  if (plan.partials === undefined) return;
  const message = (): string => `${plan.id} is done after ${delivered} of ${plan.partials} partial results`;
  run.judge('partials', delivered === plan.partials, message, [task]);
}

function judgeFailure(run: CheckedRun, task: ModelTask, { code, cause }: Settlement): void {
  const { plan, state, attempt } = task;
  const { id } = plan;
  if (cause !== undefined && (run.isFull || attempt === 0)) {
    judgeCause(run, task, cause);
    return;
  }
  run.judge('outcome', isUnderWay(run, task), () => `${id} fails by itself while it is ${state}`, [task]);
  if (!run.isFull) return;
  const track = run.track(task);
  if (code === 'TaskEvicted') {
    const message = (): string => `${id} fails as evicted, though attempt ${attempt} was not evicted or is to go back`;
    run.judge('outcome', track.evicted === attempt && task.queue.spec.onEvict === 'drop', message, [task]);
    return;
  }
  const isOwn = track.ended?.as === 'failed' || code === 'TaskTimedOut' || isMiscounted(task, track);
  run.judge('outcome', isOwn, () => `${id} fails, though its attempt ${attempt} has not failed`, [task]);
  const allowed = plan.attempts ?? 1;
  run.judge(
    'attempts',
    track.failures + 1 >= allowed || run.state === 'closing',
    () => `${id} fails after ${track.failures + 1} of ${allowed} attempts`,
    [task],
  );
}

function judgeCause(run: CheckedRun, task: ModelTask, cause: string): void {
  const { plan, state, needs } = task;
  const { id } = plan;
  const reasons = needs.filter((need) => need.task.plan.id === cause);
  run.judge(
    'failures',
    reasons.length === 0 ? needs.length < needCount(plan) : reasons.some(isHopeless),
    () => `${id} fails for ${cause}, which it does not depend on or which can still deliver`,
    involved(task),
  );
  const message = (): string => `${id} fails for ${cause} while it is ${state}`;
  run.judge('failures', state === 'pending' && task.attempt === 0, message, [task]);
}

/**
 * A task that follows another one settles while it is pending; which ones do, only the graph of a full trace tells. One that was restored has not
 * run.
 */
function isUnderWay(run: CheckedRun, task: ModelTask): boolean {
  const { state, attempt } = task;
  return state === 'running' || run.track(task).isRestored || (!run.isFull && state === 'pending' && attempt > 0);
}

/** The references of a task, each once. */
const needCount = ({ deps, release = [], after = [] }: ScenarioTask): number =>
  new Set([...deps, ...release, ...after]).size;
