/** Judges the start of an attempt: what must have happened before it, and that no other task should have started in its place. */
import type { CheckedRun } from './checked-run.js';
import { isSettled, type ModelTask } from './model.js';
import { expectedInputs } from './received.js';

/** The model still is as before the start. @internal */
export function judgeStart(
  run: CheckedRun,
  task: ModelTask,
  { attempt = 1, inputs }: { readonly attempt?: number; readonly inputs?: readonly string[] },
): void {
  const track = run.track(task);
  const { model } = run;
  const { plan, queue } = task;
  const { id } = plan;
  run.judge('settlement', !isSettled(task), () => `${id} starts after it settled as ${task.state}`, [task]);
  if (track.isCancelled)
    run.judge('cancel', false, () => `${id} starts after its cancellation was acknowledged`, [task]);
  const { doomedBy } = task;
  if (doomedBy !== undefined)
    run.judge('failures', false, () => `${id} starts, though ${doomedBy.plan.id} failed`, [task, doomedBy]);
  if (task.needs.length > 0) {
    run.judge('dependencies', task.missing === 0, () => `${id} starts before ${missingOf(task)}`, involved(task));
  }
  if (run.asked === 'stop') run.judge('stop', false, () => `${id} starts while the scheduler is stopped`, [task]);
  if (queue.isPaused) run.judge('stop', false, () => `${id} starts while ${queue.spec.name} is paused`, [task]);
  const withOthers = (): ModelTask[] => [task, ...[...model.occupants].filter((other) => other.queue === queue)];
  if (!queue.isOpaque) {
    const { concurrency } = queue.spec;
    const isRoom = queue.taken < concurrency;
    if (queue.rates.concern(plan))
      run.judge('rate', !model.isRated(task), () => `${id} starts sooner than the rate allows`, [task]);
    run.judge(
      'slots',
      isRoom,
      () => `${id} starts, though all slots of ${queue.spec.name} are taken (${queue.taken} of ${concurrency})`,
      isRoom ? [task] : withOthers(),
    );
    if (Object.keys(plan.resources ?? {}).length > 0 && isRoom) {
      const fits = model.fits(task);
      run.judge(
        'resources',
        fits,
        () => `${id} starts, though its demand does not fit what ${queue.spec.name} has left`,
        fits ? [task] : withOthers(),
      );
    }
  }
  run.judge(
    'attempts',
    attempt === task.attempt + 1 && task.state !== 'running',
    () => `attempt ${attempt} of ${id} starts, while it is ${task.state} after attempt ${task.attempt}`,
    [task],
  );
  const allowed = plan.attempts ?? 1;
  if (allowed > 1)
    run.judge(
      'attempts',
      track.failures < allowed,
      () => `${id} starts again after ${track.failures} failures of ${allowed}`,
      [task],
    );
  if (inputs !== undefined && task.needs.length > 0) {
    const expected = expectedInputs(run, task);
    run.judge(
      'arguments',
      expected === undefined || expected.join() === inputs.join(),
      () => `${id} receives [${inputs.join(', ')}] and not [${expected?.join(', ')}]`,
      involved(task),
    );
  }
  if (!isSettled(task) && !queue.isOpaque && run.options.looksAtOrder?.() !== false) judgeOrder(run, task);
}

function judgeOrder(run: CheckedRun, task: ModelTask): void {
  const { model } = run;
  if (!model.isRunning || task.missing > 0) return;
  const first = model.next(task);
  if (first === undefined || model.isReserving(task.queue)) return;
  run.judge(
    'order',
    first === task,
    () => `${task.plan.id} starts, though ${first.plan.id}, which comes before it, is ready and fits`,
    [task, first],
  );
}

/** The task and what it needs. @internal */
export function involved(task: ModelTask): readonly ModelTask[] {
  return [task, ...task.needs.map((need) => need.task)];
}

/** What the task still needs, for a sentence. @internal */
export function missingOf(task: ModelTask): string {
  const ids = task.needs.filter(({ task: { state }, index }) => state !== 'done' && index === undefined);
  const names = ids.length === 0 ? task.needs : ids;
  return `${names.map(({ task: { plan }, index }) => (index === undefined ? plan.id : `${plan.id}#${index}`)).join(', ')} is there`;
}
