/** `pullgraph check`, as its users run it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const GRAPH = { queues: [{ name: 'q', concurrency: 1 }], tasks: [{ id: 'a', queue: 'q', deps: [], duration: 1 }] };

test.each([
  [
    '0 when every invariant holds',
    [
      { at: 0, event: 'start', id: 'a' },
      { at: 1, event: 'done', id: 'a' },
    ],
    0,
  ],
  ['1 when one is broken', [{ at: 0, event: 'start', id: 'a' }], 1],
  ['255 when the trace is none', [{ at: 0, event: 'vanish', id: 'a' }], 255],
])('the exit code is %s', async (_, trace, code) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'trace.json'), JSON.stringify({ trace }));
  writeFileSync(join(folder, 'graph.json'), JSON.stringify(GRAPH));
  const output = await cli(['check', join(folder, 'trace.json'), join(folder, 'graph.json')]);
  expect(output.code).toBe(code);
  if (code === 255) expect(output.stderr).toContain('trace[0].event: vanish is not an event of a trace');
  else expect(output.stdout).toContain(code === 0 ? 'every invariant holds' : '✗ progress');
});
