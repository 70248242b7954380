/** The settled options of `pullgraph exec`. */
import type { Commands } from './command-lines.js';
import type { HaltRule } from './halt.js';
import type { InspectionOptions } from './inspection.js';
import type { Selection } from './joblog.js';

/** @internal */
export interface ExecOptions {
  readonly commands: Commands;
  readonly jobs: number;
  readonly timeoutMs: number | undefined;
  readonly retries: number;
  readonly joblog: string | undefined;
  /** The file for a trace. */
  readonly trace: string | undefined;
  /** Where to inspect the run, if it is to be. */
  readonly inspect: InspectionOptions | undefined;
  readonly selection: Selection;
  readonly keepOrder: boolean;
  /** How much of an output is held in memory; with `shared`, how much a command may print. */
  readonly maxBytes: number;
  readonly progress: boolean;
  readonly halt: HaltRule | undefined;
  readonly tag: boolean;
  /** The folder for the outputs as files. */
  readonly results: string | undefined;
  /** Undefined for that of the system. */
  readonly shell: string | undefined;
  /** The folder through which several processes share the lines. */
  readonly shared: string | undefined;
  readonly reduce: string | undefined;
  readonly expireMs: number;
  readonly retryFailed: boolean;
}
