/** The package that starts processes. It is loaded with the first of them. */
import type * as execa from 'execa';
import { neededPackage } from '../../core/needed-package.js';

/** @throws SchedulerError `MissingPackage`. @internal */
export function processPackage(): Promise<typeof execa> {
  return neededPackage('execa', 'processes()', () => import('execa'));
}
