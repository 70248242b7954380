/** Checks of option values that several executors share. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SchedulerError, shown } from '../../core/failures.js';

/**
 * The URL of a module given as a URL or as an absolute path. `call` is the user's call, for messages.
 *
 * @throws SchedulerError `InvalidOption`.
 * @internal
 */
export function hrefOf(call: string, moduleUrl: URL | string): string {
  if (moduleUrl instanceof URL) return moduleUrl.href;
  if (isAbsolute(moduleUrl)) return pathToFileURL(moduleUrl).href;
  if (URL.canParse(moduleUrl)) return moduleUrl;
  throw new SchedulerError(
    'InvalidOption',
    `${call}(): expected the URL or the absolute path of a module, got ${JSON.stringify(moduleUrl)}; ` +
      'new URL(…, import.meta.url) makes one of a relative path',
  );
}

/**
 * Returns `value` if it is an integer within these bounds, both included.
 *
 * @throws SchedulerError `InvalidOption`.
 * @internal
 */
export function integerOption(call: string, name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SchedulerError(
    'InvalidOption',
    `${call}(): expected ${name} to be an integer from ${least} to ${most}, got ${shown(value)}`,
  );
}
