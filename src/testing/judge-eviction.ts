/** Judges evictions in queues with `preempt`: each by itself, and at rest those that are missing. */
import type { CheckedRun } from './checked-run.js';
import type { Model, ModelQueue, ModelTask } from './model.js';
import { copyOf, fitsBeside, occupy, type Taken } from './model-room.js';

/** The running task is told to end. The model still is as before. @internal */
export function judgeEviction(run: CheckedRun, task: ModelTask): void {
  const { model } = run;
  const { queue, plan } = task;
  const urgencies = model.urgencies();
  const urgency = urgencies.get(task) ?? 0;
  const others = running(model, queue).filter((other) => other !== task);
  const by = withoutRoom(model, queue).find(({ task: other }) => (urgencies.get(other) ?? 0) > urgency);
  run.judge(
    'eviction',
    queue.spec.preempt === true && by !== undefined && task.state === 'running',
    () => `${plan.id} is evicted, and no more urgent task waits for its room`,
    [task],
  );
  const rather = others.find((other) => isLess(other, urgencies.get(other) ?? 0) && takesAsMuch(other, task));
  const message = (): string =>
    `${plan.id} is evicted, and not ${rather?.plan.id}, which is less urgent or began later`;
  run.judge('eviction', rather === undefined, message, rather === undefined ? [task] : [task, rather]);

  function isLess(other: ModelTask, its: number): boolean {
    return its < urgency || (its === urgency && other.started > task.started);
  }
}

/** Everything that led from the events so far has happened. @internal */
export function evictionsAtRest(run: CheckedRun): void {
  const { model } = run;
  const evicting = [...model.queues.values()].filter(
    ({ spec, isPaused, isOpaque }) => spec.preempt === true && !isPaused && !isOpaque,
  );
  if (!model.isRunning || evicting.length === 0) return;
  const urgencies = model.urgencies();
  for (const queue of evicting) {
    for (const { task, room } of withoutRoom(model, queue)) {
      const urgency = urgencies.get(task) ?? 0;
      const less = running(model, queue).filter((other) => (urgencies.get(other) ?? 0) < urgency);
      for (const other of less) occupy(room, other.plan, -1);
      const message = (): string => `${task.plan.id} waits, though less urgent tasks run that would make room`;
      run.judge('eviction', !fitsBeside(room, queue.spec, task.plan), message, [task, ...less]);
    }
  }
}

interface Waiting {
  readonly task: ModelTask;
  /** What will be taken when it is its turn. */
  readonly room: Taken;
}

/**
 * The ready tasks of the queue that do not fit even when the attempts have ended that have been told to: first to start first, as those before them get
 * that room. Without those that a rate keeps back.
 */
function withoutRoom(model: Model, queue: ModelQueue): readonly Waiting[] {
  const room = copyOf(queue);
  for (const task of model.occupants) {
    if (task.queue === queue) for (let slot = model.leaving(task); slot > 0; slot -= 1) occupy(room, task.plan, -1);
  }
  return [...model.startable()].flatMap((task) => {
    if (task.queue !== queue || model.isRated(task)) return [];
    if (!fitsBeside(room, queue.spec, task.plan)) return { task, room: copyOf(room) };
    occupy(room, task.plan, 1);
    return [];
  });
}

/** Those whose attempts have not been told to end. */
function running(model: Model, queue: ModelQueue): ModelTask[] {
  return [...model.occupants].filter((task) => task.queue === queue && task.state === 'running');
}

function takesAsMuch({ plan: other }: ModelTask, { plan }: ModelTask): boolean {
  return Object.entries(plan.resources ?? {}).every(([name, amount]) => (other.resources?.[name] ?? 0) >= amount);
}
