/** `--trace` of the command, as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/inspect/index.js';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { trackNames, validSlices } from './trace-format.js';

function eventsIn(file: string): readonly TraceEvent[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: readonly TraceEvent[] }).traceEvents;
}

describe('--trace', () => {
  test('of run writes what ran when, also of a run that fails', async () => {
    const folder = temporaryFolder();
    const [module, trace] = [join(folder, 'main.mjs'), join(folder, 'trace.json')];
    writeFileSync(
      module,
      `export default (scheduler) => {
        const work = scheduler.queue('work', { concurrency: 1 });
        work.submit(function* letters() { yield 'a'; yield 'b'; });
        work.submit({ id: 'bad' }, () => { throw new Error('no'); });
      };`,
    );
    expect((await cli(['run', '--trace', trace, module])).code).toBe(1);
    const events = eventsIn(trace);
    const attempts = validSlices(events).filter(({ cat }) => cat === 'attempt');
    expect(attempts.map(({ name }) => name).toSorted()).toEqual(['bad (failed)', 'letters']);
    expect(events.filter(({ name }) => name.startsWith('result '))).toHaveLength(2);
    expect(trackNames(events)).toContain('queue work/slot 1');
  });

  test('of exec names the commands', async () => {
    const trace = join(temporaryFolder(), 'trace.json');
    const { code, stderr } = await cli(['exec', '-j', '2', '--trace', trace], 'true\nfalse\nexit 0');
    expect({ code, stderr: stderr.includes('incomplete') }).toEqual({ code: 1, stderr: false });
    const attempts = validSlices(eventsIn(trace)).filter(({ cat }) => cat === 'attempt');
    expect(attempts.map(({ name }) => name).toSorted()).toEqual(['exit 0', 'false (failed)', 'true']);
  });

  test.each(['run', 'exec'])('of %s says that the file cannot be written, and runs nothing', async (command) => {
    const file = join(temporaryFolder(), 'main.mjs');
    writeFileSync(file, command === 'run' ? 'export default () => console.log("ran");' : 'echo ran');
    const { code, stdout, stderr } = await cli([command, '--trace', '/no/such/folder/trace.json', file]);
    expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
    expect(stderr).toContain('/no/such/folder/trace.json');
  });
});
