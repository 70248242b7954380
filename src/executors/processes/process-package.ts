/** The package that starts processes. It is loaded for the first process. */
import type * as execa from 'execa';
import { neededPackage } from '../../core/needed-package.js';

/** @throws SchedulerError `MissingPackage`. @internal */
export function processPackage(): Promise<typeof execa> {
  return neededPackage('execa', 'processes()', () => import('execa'));
}
