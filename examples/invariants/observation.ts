/**
 * An observation as a graph. The telescope points at a star and is held while the camera exposes; parking it releases it. The program
 * submits `park` when it hears of the exposure: `is` says of which end.
 */
import type { ExploredGraph } from 'pullgraph/testing';

export function observation(is: 'done' | 'settled'): ExploredGraph {
  return {
    queues: [
      { name: 'telescope', concurrency: 1 },
      { name: 'camera', concurrency: 1 },
    ],
    tasks: [
      { id: 'calibrate', queue: 'telescope' },
      { id: 'point', queue: 'telescope', hold: true },
      { id: 'expose', queue: 'camera', deps: ['point'] },
      { id: 'park', queue: 'camera', release: ['point'], submittedWhen: { task: 'expose', is } },
    ],
  };
}
