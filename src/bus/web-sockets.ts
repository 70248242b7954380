/** The package that opens and serves WebSockets. It is loaded by the first bus or client of a process. */
import type * as ws from 'ws';
import { neededPackage } from '../core/needed-package.js';

/** @throws SchedulerError `MissingPackage`. @internal */
export function webSockets(): Promise<typeof ws> {
  return neededPackage('ws', 'pullgraph/bus', () => import('ws'));
}
