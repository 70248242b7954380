/** The options by which a client connects to its bus, and their validation. */
import { SchedulerError, shown } from '../../core/failures.js';
import type { Environment } from '../../core/ports.js';
import { DEFAULT_PORT } from '../protocol/defaults.js';
import { checkReconnect, type ReconnectOptions } from './reconnection.js';

/**
 * How a client connects to its bus.
 *
 * @public
 */
export interface ConnectOptions {
  /** The address of the bus. Default: `ws://127.0.0.1:8101`. */
  readonly url?: string;
  /** The token of the bus, if it requires one. */
  readonly token?: string;
  /** How to reconnect when the bus is lost or not yet available. */
  readonly reconnect?: ReconnectOptions;
  /** Called with the reason when the connection was lost or failed, before the next attempt. */
  readonly onTrouble?: (message: string) => void;
  /** Clock and randomness. Default: those of the system. */
  readonly environment?: Environment;
}

/** The names of `ConnectOptions`, to be spread into the tables of options that extend them. @internal */
export const CONNECT_OPTION_NAMES = {
  url: true,
  token: true,
  reconnect: true,
  onTrouble: true,
  environment: true,
} satisfies Record<keyof ConnectOptions, true>;

/**
 * Call before anything is created that a throw would leave behind.
 *
 * @throws SchedulerError `InvalidOption` for an invalid address or reconnect option.
 * @internal
 */
export function checkConnectOptions(options: ConnectOptions): void {
  const url = urlOf(options);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['ws:', 'wss:'].includes(parsed.protocol)) {
    throw new SchedulerError(
      'InvalidOption',
      `the address of a bus must begin with ws:// or wss://, got ${shown(url)}`,
    );
  }
  if (parsed.hash !== '') {
    throw new SchedulerError(
      'InvalidOption',
      `the address of a bus must not contain a fragment (#), got ${shown(url)}`,
    );
  }
  checkReconnect(options.reconnect ?? {});
}

/** @internal */
export function urlOf({ url = `ws://127.0.0.1:${DEFAULT_PORT}` }: ConnectOptions): string {
  return url;
}
