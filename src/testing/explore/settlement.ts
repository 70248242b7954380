/**
 * How tasks are taken in, and how results and failures spread, in the scheduler of an exploration. It mirrors src/runtime:
 * task-admission.ts, tasks/settlement.ts and tasks/held-slots.ts.
 *
 * Invariants: a task is told once that it may go on, or that it cannot; a slot is given back once.
 */
import { isDelivered } from './demand.js';
import type { FromTask } from './messages.js';
import { isOver, ranked } from './scheduler-data.js';
import type { SchedulerDraft } from './scheduler-draft.js';

/** Takes a task in. @internal */
export function admit(draft: SchedulerDraft, task: number): void {
  const view = draft.task(task);
  const states = draft.tasks.map(ranked);
  view.phase = 'pending';
  let isDoomed = false;
  for (const [place, dep] of draft.planOf(task).deps.entries()) {
    if (isDelivered(states, dep)) continue;
    if (isOver(draft.task(dep.task))) isDoomed = true;
    else view.waiting |= 1 << place;
  }
  if (isDoomed) doom(draft, task);
  else if (view.waiting === 0) inform(draft, task, 'satisfied');
  draft.changed();
}

/** A task has moved, or an attempt of it has ended. @internal */
export function hear(draft: SchedulerDraft, { task, news, delivered, ended }: FromTask): void {
  const view = draft.task(task);
  if (delivered > view.delivered) {
    view.delivered = delivered;
    for (const each of draft.plan.dependents[task] ?? []) satisfyIfDelivered(draft, each.task, each.place);
  }
  const isEndOfResult = news === 'done' && ended > 0;
  if (news !== undefined && news !== 'partial') moved(draft, task, news);
  view.alive -= ended;
  if (isOver(view) && view.alive === 0) release(draft, task);
  for (let left = ended; left > 0; left -= 1) {
    // Only the attempt whose result counts leaves its slot with a task that holds.
    if (left === ended && isEndOfResult && draft.planOf(task).hold && !view.isReleased) view.isHolding = true;
    else draft.toQueue(draft.planOf(task).queue, { type: 'returned', task });
  }
  draft.changed();
}

function moved(draft: SchedulerDraft, task: number, news: Exclude<FromTask['news'], undefined | 'partial'>): void {
  const view = draft.task(task);
  view.phase = news;
  if (isOver(view)) settled(draft, task, news === 'done');
  // What would be tried again has missed the close. What follows another task ends with that one.
  else if (draft.data.state === 'closing' && news !== 'following') draft.toTask(task, { type: 'cancel' });
  if (news === 'following') {
    const followed = draft.task(draft.planOf(task).follows ?? task);
    if (isOver(followed)) inform(draft, task, followed.phase === 'done' ? 'followed' : 'doomed');
  }
}

function settled(draft: SchedulerDraft, task: number, isDone: boolean): void {
  for (const { task: dependent, place } of draft.plan.dependents[task] ?? []) {
    if (isDone) satisfyIfDelivered(draft, dependent, place);
    else if ((draft.task(dependent).waiting & (1 << place)) !== 0) doom(draft, dependent);
  }
  for (const [follower, { phase }] of draft.tasks.entries()) {
    if (phase !== 'following' || draft.planOf(follower).follows !== task) continue;
    inform(draft, follower, isDone ? 'followed' : 'doomed');
  }
  if (draft.task(task).phase === 'failed') failed(draft);
}

function failed(draft: SchedulerDraft): void {
  if (draft.onFailure === 'continue' || draft.data.isStoppedByFailure) return;
  draft.data.isStoppedByFailure = true;
  draft.data.isStopAsked = true;
  if (draft.onFailure !== 'abort') return;
  for (const [task, { phase }] of draft.tasks.entries())
    if (phase === 'running') draft.toTask(task, { type: 'cancel' });
}

function satisfyIfDelivered(draft: SchedulerDraft, task: number, place: number): void {
  const view = draft.task(task);
  const dep = draft.planOf(task).deps[place];
  if (dep === undefined || (view.waiting & (1 << place)) === 0) return;
  if (!isDelivered(draft.tasks.map(ranked), dep)) return;
  view.waiting &= ~(1 << place);
  if (view.waiting === 0 && view.phase === 'pending') inform(draft, task, 'satisfied');
}

function doom(draft: SchedulerDraft, task: number): void {
  // A task that has been told is doomed already: nothing else is told to a task that waits.
  if (draft.task(task).phase === 'pending') inform(draft, task, 'doomed');
}

function inform(draft: SchedulerDraft, task: number, type: 'satisfied' | 'doomed' | 'followed'): void {
  draft.task(task).phase = 'told';
  draft.toTask(task, { type });
}

function release(draft: SchedulerDraft, task: number): void {
  for (const held of draft.planOf(task).release) {
    const view = draft.task(held);
    view.isReleased = true;
    if (!view.isHolding) continue;
    view.isHolding = false;
    draft.toQueue(draft.planOf(held).queue, { type: 'returned', task: held });
  }
}
