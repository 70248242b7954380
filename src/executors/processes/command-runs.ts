/** The running commands of an executor, whose number is the scheduler's decision. */
import type { Attempt } from '../../core/ports.js';
import { CommandRun } from './command-run.js';
import type { SettledOptions } from './options.js';
import type { ProcessRoom } from './process-room.js';

/**
 * The running commands.
 *
 * @internal
 */
export class CommandRuns {
  readonly #options: SettledOptions;
  readonly #room: ProcessRoom;
  readonly #running = new Map<Attempt, { readonly run: CommandRun; readonly ended: Promise<void> }>();

  constructor(options: SettledOptions, room: ProcessRoom) {
    this.#options = options;
    this.#room = room;
  }

  run(attempt: Attempt): void {
    const run = new CommandRun(attempt, this.#options, this.#room);
    const ended = run.run().finally(() => this.#running.delete(attempt));
    this.#running.set(attempt, { run, ended });
  }

  /** Ends `attempt` if it is one of these; returns whether it is. */
  abort(attempt: Attempt, reason: unknown, graceMs?: number): boolean {
    const running = this.#running.get(attempt);
    running?.run.abort(reason, graceMs);
    return running !== undefined;
  }

  /** Ends all at once. */
  async close(): Promise<void> {
    for (const { run } of this.#running.values()) run.abort(new Error('the executor was closed'), 0);
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }
}
