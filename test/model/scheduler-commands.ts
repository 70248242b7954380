/**
 * The commands of the model-based test: each does the same to the model and to a real scheduler, waits until the scheduler
 * has come to rest, and compares the two.
 */
import * as fc from 'fast-check';
import { assertLikeModel, type System } from '../support/scheduler-comparison.js';
import {
  isSettled,
  type ModelTask,
  type Need,
  type SchedulerModel,
  type TaskPlan,
} from '../support/scheduler-model.js';
import { errorOf, partialOf, resultOf } from '../support/task-values.js';

type Command = fc.AsyncCommand<SchedulerModel, System>;

interface DrawnNeed {
  /** How far back the task lies, counted from the newest. */
  readonly back: number;
  /** Which partial result, where the task is a stream; undefined for the whole. */
  readonly index: number | undefined;
}

interface DrawnTask {
  readonly queue: number;
  readonly inputs: readonly DrawnNeed[];
  readonly after: readonly DrawnNeed[];
  readonly release: readonly number[];
  readonly mem: number;
  readonly priority: number;
  readonly hold: boolean;
  readonly stream: boolean;
  readonly announced: number | undefined;
}

const drawnNeeds = fc.array(
  fc.record({ back: fc.oneof(fc.nat(4), fc.nat(30)), index: fc.option(fc.nat(3), { nil: undefined, freq: 2 }) }),
  { maxLength: 3 },
);

const drawnTask: fc.Arbitrary<DrawnTask> = fc.record({
  queue: fc.nat(1),
  inputs: drawnNeeds,
  after: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: drawnNeeds }),
  release: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(5), { maxLength: 2 }) },
  ),
  mem: fc.nat(4),
  priority: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 2 }) },
  ),
  hold: fc.nat(7).map((n) => n === 7),
  stream: fc.nat(3).map((n) => n === 3),
  announced: fc.option(fc.nat(3), { nil: undefined, freq: 2 }),
});

/** Sequences of at most `maxCommands` commands. */
export function schedulerCommands(maxCommands: number): fc.Arbitrary<Iterable<Command>> {
  const pick = fc.nat(40);
  const submit = fc.array(drawnTask, { minLength: 1, maxLength: 4 }).map((burst): Command => new Submit(burst));
  const complete = pick.map((n): Command => new End(n, true));
  const start = fc.constant<Command>(new Start());
  return fc.commands(
    [
      submit,
      submit,
      submit,
      start,
      start,
      fc.constant<Command>(new Stop()),
      complete,
      complete,
      complete,
      complete,
      pick.map((n): Command => new End(n, false)),
      pick.map((n): Command => new Partial(n)),
      pick.map((n): Command => new Partial(n)),
      pick.map((n): Command => new Cancel(n)),
      pick.map((n): Command => new LateReport(n)),
      pick.map((n): Command => new AskForActor(n)),
    ],
    { maxCommands, size: 'max' },
  );
}

class Submit implements Command {
  readonly #burst: readonly DrawnTask[];

  constructor(burst: readonly DrawnTask[]) {
    this.#burst = burst;
  }

  check(): boolean {
    return true;
  }

  async run(model: SchedulerModel, system: System): Promise<void> {
    for (const drawn of this.#burst) {
      const plan = planOf(drawn, model);
      model.submit(plan);
      system.submit(plan);
    }
    model.select();
    await assertLikeModel(model, system);
  }

  toString(): string {
    return `submit(${JSON.stringify(this.#burst)})`;
  }
}

class Start implements Command {
  check(model: SchedulerModel): boolean {
    return model.isStopped;
  }

  async run(model: SchedulerModel, system: System): Promise<void> {
    model.start();
    system.scheduler.start();
    await assertLikeModel(model, system);
  }

  toString(): string {
    return 'start';
  }
}

class Stop implements Command {
  check(): boolean {
    return true;
  }

  async run(model: SchedulerModel, system: System): Promise<void> {
    model.stop();
    const stop = { running: model.tasks.filter((task) => task.isRunning), hasEnded: false };
    system.stops.push(stop);
    void system.scheduler.stop().then(() => {
      stop.hasEnded = true;
    });
    await assertLikeModel(model, system);
  }

  toString(): string {
    return 'stop';
  }
}

/** A command about one of the tasks that `among` lets through. */
abstract class OnTask implements Command {
  readonly #pick: number;

  constructor(pick: number) {
    this.#pick = pick;
  }

  check(model: Readonly<SchedulerModel>): boolean {
    return model.tasks.some((task) => this.isFit(task));
  }

  async run(model: SchedulerModel, system: System): Promise<void> {
    const fit = model.tasks.filter((task) => this.isFit(task));
    const task = fit[this.#pick % fit.length];
    if (task === undefined) throw new Error('expected a task that fits the command');
    this.act(task, model, system);
    await assertLikeModel(model, system);
  }

  toString(): string {
    return `${this.name}(${this.#pick})`;
  }

  abstract readonly name: string;
  protected abstract isFit(task: ModelTask): boolean;
  protected abstract act(task: ModelTask, model: SchedulerModel, system: System): void;
}

class End extends OnTask {
  readonly #isGood: boolean;

  constructor(pick: number, isGood: boolean) {
    super(pick);
    this.#isGood = isGood;
  }

  get name(): string {
    return this.#isGood ? 'complete' : 'fail';
  }

  protected isFit(task: ModelTask): boolean {
    return task.isRunning;
  }

  protected act(task: ModelTask, model: SchedulerModel, { executor }: System): void {
    model.end(task, this.#isGood);
    if (this.#isGood) executor.attemptAt(task.id).done(resultOf(task));
    else executor.attemptAt(task.id).failed(errorOf(task));
  }
}

class Partial extends OnTask {
  readonly name = 'partial';

  protected isFit(task: ModelTask): boolean {
    return task.isRunning && task.stream;
  }

  protected act(task: ModelTask, model: SchedulerModel, { executor }: System): void {
    const value = partialOf(task, task.delivered);
    model.partial(task);
    executor.attemptAt(task.id).partial(value);
  }
}

class Cancel extends OnTask {
  readonly name = 'cancel';

  protected isFit(task: ModelTask): boolean {
    return !isSettled(task);
  }

  protected act(task: ModelTask, model: SchedulerModel, system: System): void {
    model.cancel(task);
    system.handleOf(task.id).cancel(`${task.id} is not wanted`);
  }
}

/** What an attempt reports after its end changes nothing, nor does cancelling what has settled. */
class LateReport extends OnTask {
  readonly name = 'lateReport';

  protected isFit(task: ModelTask): boolean {
    return isSettled(task) && task.hasStarted && !task.isRunning;
  }

  protected act(task: ModelTask, _: SchedulerModel, system: System): void {
    const attempt = system.executor.attemptAt(task.id);
    attempt.partial('late');
    attempt.failed(new Error('late'));
    attempt.done('late');
    system.handleOf(task.id).cancel('late');
  }
}

/** Asking for a task's actor makes it live early; that must change nothing else. */
class AskForActor extends OnTask {
  readonly name = 'askForActor';

  protected isFit(): boolean {
    return true;
  }

  protected act(task: ModelTask, _: SchedulerModel, system: System): void {
    system.actors.set(task.id, system.handleOf(task.id).actor);
  }
}

function planOf(drawn: DrawnTask, model: SchedulerModel): TaskPlan {
  const queue = model.queues[drawn.queue % model.queues.length];
  if (queue === undefined) throw new Error('expected a queue');
  const holders = model.tasks.filter((task) => task.hold);
  const release = holders.length === 0 ? [] : drawn.release.map((place) => at(holders, place));
  return {
    id: `t${model.tasks.length}`,
    queue,
    inputs: drawn.inputs.flatMap((need) => needAt(need, model)),
    after: drawn.after.flatMap((need) => needAt(need, model)),
    release: [...new Set(release)],
    mem: drawn.mem % (queue.mem + 1),
    priority: drawn.priority,
    hold: drawn.hold,
    stream: drawn.stream,
    announced: drawn.stream ? drawn.announced : undefined,
  };
}

function needAt({ back, index }: DrawnNeed, { tasks }: SchedulerModel): readonly Need[] {
  if (tasks.length === 0) return [];
  const task = at(tasks, tasks.length - 1 - (back % tasks.length));
  return [{ task, index: task.stream ? index : undefined }];
}

function at<T>(from: readonly T[], place: number): T {
  const found = from[place % from.length];
  if (found === undefined) throw new Error('expected something to choose from');
  return found;
}
