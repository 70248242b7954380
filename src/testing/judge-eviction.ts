/** Judges evictions in queues with `preempt`: each by itself, and at rest those that are missing. */
import type { CheckedRun } from './checked-run.js';
import { isSettled, type Model, type ModelQueue, type ModelTask, slack } from './model.js';

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
  if (!model.isRunning) return;
  const urgencies = model.urgencies();
  for (const queue of model.queues.values()) {
    if (queue.spec.preempt !== true || queue.isPaused || queue.isOpaque) continue;
    for (const { task, room } of withoutRoom(model, queue)) {
      const urgency = urgencies.get(task) ?? 0;
      const less = running(model, queue).filter((other) => (urgencies.get(other) ?? 0) < urgency);
      for (const other of less) room.giveBack(other);
      const message = (): string => `${task.plan.id} waits, though less urgent tasks run that would make room`;
      run.judge('eviction', !room.fits(task), message, [task, ...less]);
    }
  }
}

interface Waiting {
  readonly task: ModelTask;
  /** What will be left for it. */
  readonly room: Room;
}

/**
 * The ready tasks of the queue that do not fit even when the attempts have ended that have been told to: first to start first, as those before them get
 * that room. Without those that a rate keeps back.
 */
function withoutRoom(model: Model, queue: ModelQueue): readonly Waiting[] {
  const room = new Room(queue);
  for (const task of model.occupants) {
    if (task.queue === queue) for (let slot = model.leaving(task); slot > 0; slot -= 1) room.giveBack(task);
  }
  return [...model.startable()].flatMap((task) => {
    if (task.queue !== queue || model.isRated(task)) return [];
    if (!room.fits(task)) return { task, room: room.copy() };
    room.take(task);
    return [];
  });
}

/** Those whose attempts have not been told to end. */
function running(model: Model, queue: ModelQueue): ModelTask[] {
  return [...model.occupants].filter((task) => task.queue === queue && task.state === 'running' && !isSettled(task));
}

function takesAsMuch({ plan: other }: ModelTask, { plan }: ModelTask): boolean {
  return Object.entries(plan.resources ?? {}).every(([name, amount]) => (other.resources?.[name] ?? 0) >= amount);
}

/** What is left of a queue. */
class Room {
  readonly #queue: ModelQueue;
  #slots: number;
  readonly #taken: Map<string, number>;

  constructor(queue: ModelQueue, slots = queue.spec.concurrency - queue.taken, taken = queue.amounts) {
    this.#queue = queue;
    this.#slots = slots;
    this.#taken = new Map(taken);
  }

  copy(): Room {
    return new Room(this.#queue, this.#slots, this.#taken);
  }

  take(task: ModelTask): void {
    this.#change(task, 1);
  }

  giveBack(task: ModelTask): void {
    this.#change(task, -1);
  }

  fits({ plan }: ModelTask): boolean {
    if (this.#slots < 1) return false;
    return Object.entries(plan.resources ?? {}).every(([name, amount]) => {
      const capacity = this.#queue.spec.resources?.[name] ?? 0;
      return (this.#taken.get(name) ?? 0) + amount <= capacity + slack(capacity);
    });
  }

  #change({ plan }: ModelTask, by: 1 | -1): void {
    this.#slots -= by;
    for (const [name, amount] of Object.entries(plan.resources ?? {}))
      this.#taken.set(name, (this.#taken.get(name) ?? 0) + by * amount);
  }
}
