/**
 * Model-based runs on a user's own setup: commands that submit the tasks of a graph, start, stop and close the scheduler, let attempts begin, deliver,
 * end and fail, and cancel, in any order. The model of `check` follows the scheduler, and every invariant is looked at after each command.
 */
import type { Arbitrary, AsyncCommand } from 'fast-check';
import { checkOptionNames } from '../core/option-names.js';
import type { SchedulerOptions } from '../runtime/scheduler-options.js';
import type { Fc } from './arbitraries.js';
import { CommandedRun } from './commanded-run.js';
import { parseScenario } from './scenario.js';
import type { Scenario } from './scenario-shape.js';

/**
 * A command of a run.
 *
 * @public
 */
export type RunCommand = AsyncCommand<object, CommandedRun>;

/**
 * The options of `commands`.
 *
 * @public
 */
export interface CommandOptions {
  /** At most so many commands. Default: 60. */
  readonly maxCommands?: number;
}

type Act = (run: CommandedRun, pick: number) => boolean;

/** Of several that are possible, `pick` chooses one. Each returns whether there was something to do. */
const ACTS: Readonly<Record<string, readonly [weight: number, act: Act]>> = {
  submit: [4, (run, pick) => run.submit(1 + (pick % 3))],
  start: [2, (run) => run.start()],
  stop: [1, (run) => run.stop()],
  close: [1, (run, pick) => pick < RARELY && run.close()],
  begin: [2, (run, pick) => run.begin(pick)],
  deliver: [3, (run, pick) => run.deliver(pick)],
  complete: [5, (run, pick) => run.end(pick, 'done')],
  fail: [1, (run, pick) => run.end(pick, 'failed')],
  repeat: [1, (run, pick) => run.repeat(pick)],
  cancel: [1, (run, pick) => run.cancel(pick)],
};

/** Nothing much is left to happen after a close: of the picks, 0 to 30, those below this one do it. */
const RARELY = 10;

const NAMES = { maxCommands: true } satisfies Record<keyof CommandOptions, true>;

/**
 * Sequences of commands for `runCommands`. They shrink to the fewest commands that still fail.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function commands(fc: Fc, options: CommandOptions = {}): Arbitrary<Iterable<RunCommand>> {
  checkOptionNames('commands', options, NAMES);
  const { maxCommands = 60 } = options;
  const kinds = Object.entries(ACTS).flatMap(([name, [weight, act]]) =>
    Array.from({ length: weight }, () => fc.nat(30).map((pick): RunCommand => new ActCommand(name, act, pick))),
  );
  return fc.commands(kinds, { maxCommands, size: 'max' });
}

/**
 * Runs commands on a new scheduler with the queues of `graph`, whose tasks they submit in order; then starts it, submits what is left, lets
 * everything end, and checks that nothing is left over. No function is called, and no time passes.
 *
 * @param graph - times and durations are not looked at. Timeouts and pauses never end: leave `timeout` and `backoff` out. Without rates.
 * @throws Error with the witness of the first invariant that is broken; SchedulerError as `parseScenario`.
 * @public
 */
export async function runCommands(
  fc: Fc,
  graph: Scenario,
  sequence: Iterable<RunCommand>,
  options: Pick<SchedulerOptions, 'interpreter'> = {},
): Promise<void> {
  const run = new CommandedRun(parseScenario(graph), options);
  await fc.asyncModelRun(() => ({ model: {}, real: run }), sequence);
  await run.finish();
}

class ActCommand implements RunCommand {
  readonly #name: string;
  readonly #act: Act;
  readonly #pick: number;

  constructor(name: string, act: Act, pick: number) {
    this.#name = name;
    this.#act = act;
    this.#pick = pick;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, run: CommandedRun): Promise<void> {
    if (this.#act(run, this.#pick)) await run.compare();
  }

  toString(): string {
    return `${this.#name}(${this.#pick})`;
  }
}
