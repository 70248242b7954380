/** How a client finds its bus, and the check of it. */
import { SchedulerError, shown } from '../../core/failures.js';
import type { Environment } from '../../core/ports.js';
import { DEFAULT_PORT } from '../protocol/defaults.js';
import { checkReconnect, type ReconnectOptions } from './reconnection.js';

/**
 * How a client reaches its bus.
 *
 * @public
 */
export interface ConnectOptions {
  /** Where the bus is; `ws://127.0.0.1:8101` when not given. */
  readonly url?: string;
  /** What the bus wants to be told before it takes anybody. */
  readonly token?: string;
  /** How to come back when the bus is lost or not there yet. */
  readonly reconnect?: ReconnectOptions;
  /** Called when the connection is lost or could not be made and will be tried again, with the reason in a sentence. */
  readonly onTrouble?: (message: string) => void;
  /** Time and chance; the real ones when not given. */
  readonly environment?: Environment;
}

/** The names of `ConnectOptions`, for the tables of those that extend them. @internal */
export const CONNECT_OPTION_NAMES = {
  url: true,
  token: true,
  reconnect: true,
  onTrouble: true,
  environment: true,
} satisfies Record<keyof ConnectOptions, true>;

/**
 * To be asked before anything is made that would be left behind.
 *
 * @throws SchedulerError `InvalidOption` for an address that no bus has, or pauses that are none.
 * @internal
 */
export function checkConnectOptions(options: ConnectOptions): void {
  const url = urlOf(options);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['ws:', 'wss:'].includes(parsed.protocol)) {
    throw new SchedulerError('InvalidOption', `the address of a bus begins with ws:// or wss://, got ${shown(url)}`);
  }
  if (parsed.hash !== '') {
    throw new SchedulerError('InvalidOption', `the address of a bus has no part after a #, got ${shown(url)}`);
  }
  checkReconnect(options.reconnect ?? {});
}

/** @internal */
export function urlOf({ url = `ws://127.0.0.1:${DEFAULT_PORT}` }: ConnectOptions): string {
  return url;
}
