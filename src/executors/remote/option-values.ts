/** Values that the options of several executors take, checked. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SchedulerError, shown } from '../../core/failures.js';

/**
 * The URL of a module that is given as one or as an absolute path. `call` is what the user called.
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
 * `value` if it is an integer in these bounds, both included.
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
