/** The option `--inspect` of a subcommand: an inspector of its scheduler, for as long as somebody may look. */
import { inspect, type Inspector } from '../inspect/server/inspector.js';
import type { Scheduler } from '../runtime/scheduler.js';
import { onEndingSignals } from './ending-signals.js';
import { say } from './say.js';

/** What the options say. @internal */
export interface InspectionOptions {
  readonly port: number;
  readonly control: boolean;
}

/** @internal */
export class Inspection {
  readonly #command: string;
  readonly #options: InspectionOptions;
  #inspector: Inspector | undefined = undefined;

  constructor(command: string, options: InspectionOptions) {
    this.#command = command;
    this.#options = options;
  }

  /** Opens the inspector and prints its address on standard error. @throws the system's error if it cannot listen. */
  async open(scheduler: Scheduler): Promise<void> {
    this.#inspector = await inspect(scheduler, this.#options);
    say(this.#command, `inspect at ${this.#inspector.url}`);
  }

  /** Closes the inspector; on a terminal, where a person may be looking, and unless the run was interrupted, not before Ctrl-C. */
  async end(isInterrupted: boolean): Promise<void> {
    const inspector = this.#inspector;
    if (inspector === undefined) return;
    if (!isInterrupted && process.stderr.isTTY && process.stdin.isTTY) {
      say(this.#command, 'the run is over; the inspector stays open until Ctrl-C');
      inspector.ref();
      await new Promise<void>((resolve) => {
        const stopListening = onEndingSignals(() => {
          stopListening();
          resolve();
        });
      });
    }
    await inspector.close();
  }
}
