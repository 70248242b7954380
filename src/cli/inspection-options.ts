/** The options `--inspect`, `--inspect-port` and `--inspect-control`, which several subcommands have. */
import type { Command } from 'commander';
import type { InspectionOptions } from './inspection.js';
import { integerFrom } from './option-values.js';

const MOST_PORT = 65_535;

/** The values as commander gives them. @internal */
export interface GivenInspection {
  readonly inspect?: boolean;
  readonly inspectPort?: number;
  readonly inspectControl?: boolean;
}

/** Adds the options to a subcommand. @internal */
export function addInspection<T extends Command>(command: T): T {
  return command
    .option('--inspect', 'show the run in a browser: prints the address; --inspect=<port> for a port of your own')
    .option('--inspect-port <port>', 'the same, on this port', integerFrom(0, MOST_PORT))
    .option('--inspect-control', 'the same, and let the page stop, pause, cancel and retry');
}

/** Undefined where none of the options is given. @internal */
export function inspectionOf({ inspect, inspectPort, inspectControl }: GivenInspection): InspectionOptions | undefined {
  if (inspect !== true && inspectPort === undefined && inspectControl !== true) return undefined;
  return { port: inspectPort ?? 0, control: inspectControl ?? false };
}

/**
 * The words with `--inspect=<port>` written as an option that takes a value. Commander's own options with a value that may be missing
 * would take the file behind `--inspect` for the port. Words after `--` stay as they are.
 *
 * @internal
 */
export function withInspectPort(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => (end >= 0 && index > end ? word : word.replace(/^--inspect=/, '--inspect-port=')));
}
