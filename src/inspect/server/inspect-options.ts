/** The options of an inspector, and their validation. */
import { isIP } from 'node:net';
import { SchedulerError, shown } from '../../core/failures.js';
import { checkOptionNames } from '../../core/option-names.js';

/**
 * An actor whose context is about to be shown.
 *
 * @public
 */
export interface ShownActor {
  readonly machine: 'task' | 'queue' | 'scheduler';
  /** Its id: of a task as `handle.id`, of a queue its name. */
  readonly id: string;
}

/**
 * The options of `inspect`.
 *
 * @public
 */
export interface InspectOptions {
  /** The port to listen on: an integer from 0 to 65,535. Default: 0, a free one. */
  readonly port?: number;
  /** The address to listen on. Default: `127.0.0.1`. One that other computers can reach needs `allowRemote`. */
  readonly host?: string;
  /** Whether `host` may be an address that other computers can reach. The connection is not encrypted. Default: false. */
  readonly allowRemote?: boolean;
  /** The names, without port, by which browsers may address the inspector beside `host`; for `allowRemote`. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** Whether the page may start, stop, pause, resume, cancel and retry. Default: false. */
  readonly control?: boolean;
  /**
   * Gives what is shown of the context of a task, queue or scheduler, in place of the context itself. Called with a context, which must
   * not be changed, when a page looks at the actor. If it throws, nothing of the context is shown.
   */
  readonly redact?: (context: Readonly<Record<string, unknown>>, actor: ShownActor) => unknown;
  /**
   * How many attempts are kept, of tasks that have settled and of those that have not: an integer from 100 to 10,000,000. Beyond, the one
   * that settled first makes room. Memory: some 70 bytes each, taken as needed. Default: 500,000.
   */
  readonly maxRows?: number;
}

const NAMES = {
  port: true,
  host: true,
  allowRemote: true,
  allowedHosts: true,
  control: true,
  redact: true,
  maxRows: true,
} satisfies Record<keyof InspectOptions, true>;

const MOST_PORT = 65_535;
const FEWEST_ROWS = 100;
const MOST_ROWS = 10_000_000;

/** The options with their defaults. @internal */
export interface CheckedOptions {
  readonly port: number;
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly control: boolean;
  readonly redact: InspectOptions['redact'];
  readonly maxRows: number;
}

/** @throws SchedulerError `InvalidOption`. @internal */
export function checkedInspectOptions(options: InspectOptions): CheckedOptions {
  checkOptionNames('inspect', options, NAMES);
  const { port = 0, host = '127.0.0.1', allowRemote = false, allowedHosts = [] } = options;
  const { control = false, redact, maxRows = 500_000 } = options;
  checkInteger('port', port, 0, MOST_PORT);
  checkInteger('maxRows', maxRows, FEWEST_ROWS, MOST_ROWS);
  checkBoolean('allowRemote', allowRemote);
  checkBoolean('control', control);
  if (typeof host !== 'string' || host === '') throw invalid('host must be an address or a name', host);
  if (!Array.isArray(allowedHosts) || !allowedHosts.every((name) => typeof name === 'string')) {
    throw invalid('allowedHosts must be an array of names', allowedHosts);
  }
  if (redact !== undefined && typeof redact !== 'function') throw invalid('redact must be a function', redact);
  if (!isLoopback(host) && !allowRemote) {
    throw invalid(
      'host must be an address of this computer alone, such as 127.0.0.1, unless allowRemote is true',
      host,
    );
  }
  return { port, host, allowedHosts, control, redact, maxRows };
}

/** Whether only this computer can reach the address. @internal */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function checkInteger(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw invalid(`${name} must be an integer from ${least} to ${most}`, value);
}

function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(`${name} must be true or false`, value);
}

function invalid(what: string, value: unknown): SchedulerError {
  return new SchedulerError('InvalidOption', `${what}, got ${shown(value)}`);
}
