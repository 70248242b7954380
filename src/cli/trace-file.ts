/**
 * A trace file that is written while a command runs, so that memory does not grow with the run.
 *
 * Invariant: however the process ends by itself, the file is whole: what is left is written as the process exits.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { TraceRecorder } from '../inspect/export/trace-recorder.js';
import { TraceWriter } from '../inspect/export/trace-text.js';
import type { Scheduler } from '../runtime/scheduler.js';
import { systemEnvironment } from '../system/environment.js';
import { messageOf } from '../core/user-value.js';
import { say } from './say.js';

/** @internal */
export class TraceFile {
  readonly #command: string;
  readonly #path: string;
  readonly #file: number;
  #end: (() => void) | undefined;
  #isLost = false;

  /** Throws if the file cannot be written. `command` is the subcommand, for messages. */
  constructor(command: string, path: string) {
    this.#command = command;
    this.#path = path;
    this.#file = openSync(path, 'w');
  }

  /** Records the scheduler until `end`; `nameOf` as for the recorder. */
  follow(scheduler: Scheduler, nameOf?: (id: string) => string | undefined): void {
    const { clock } = systemEnvironment;
    const writer = new TraceWriter(clock.now(), (piece) => this.#write(piece));
    const recorder = new TraceRecorder(scheduler, writer, { clock, nameOf });
    this.#end = () => {
      recorder.stop();
      writer.end();
    };
    process.once('exit', this.end);
  }

  /** Writes what is left. Calling it again does nothing. */
  readonly end = (): void => {
    if (this.#end === undefined) return;
    process.off('exit', this.end);
    this.#end();
    this.#end = undefined;
    closeSync(this.#file);
  };

  /** A trace that is lost harms nothing else. */
  #write(piece: string): void {
    if (this.#isLost) return;
    try {
      writeSync(this.#file, piece);
    } catch (error) {
      this.#isLost = true;
      say(this.#command, `${this.#path} is incomplete: ${messageOf(error)}`);
    }
  }
}
