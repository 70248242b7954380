/** The commands for a store: a run over one, and what can be seen and deleted afterwards. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Scheduler } from 'pullgraph';
import { sqliteStore } from 'pullgraph/store';
import { cli, startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MODULE = `
const square = (n) => n ** 2;
const big = () => new Uint8Array(2 ** 21);
export default async (scheduler) => {
  const work = scheduler.queue('work');
  scheduler.on('task', ({ id, state }) => state === 'running' && console.log('runs ' + id));
  work.submit({ id: 'big', key: 'big' }, big);
  const task = work.submit({ id: 'square', key: 'square' }, square, 7);
  console.log(await task.result(), task.why().notRestored ?? 'restored');
};`;

test('a run over a store, and pullgraph store on its file', async () => {
  const folder = temporaryFolder();
  const [file, module] = [join(folder, 'run.db'), join(folder, 'module.mjs')];
  writeFileSync(module, MODULE);
  const run = async (): Promise<string[]> => {
    const { stdout, stderr, code } = await cli(['run', '--store', file, module]);
    expect([stderr, code]).toEqual(['', 0]);
    return stdout.trim().split('\n').sort();
  };
  const store = async (...args: string[]): Promise<[string, number | null]> => {
    const { stdout, stderr, code } = await cli(['store', ...args]);
    return [stdout + stderr, code];
  };
  expect(await run()).toEqual(['49 no record', 'runs big', 'runs square']);
  expect(await run()).toEqual(['49 restored']);
  const [listed] = await store('ls', file);
  expect(listed).toMatch(/^done\t2\.1 MB\t\d+ (s|min)\twork\tbig\ndone\t2 B\t\d+ (s|min)\twork\tsquare\n$/);
  const [lines] = await store('ls', file, '--json');
  const at = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { key: 'big', queue: 'work', status: 'done', bytes: expect.any(Number) as number, at },
    { key: 'square', queue: 'work', status: 'done', bytes: 2, at },
  ]);
  expect(await store('show', file, 'square')).toEqual(['49\n', 0]);
  expect((await store('why', file, 'square'))[0]).toMatch(/^function\tsquare\t\S{22}\nargument 1\tn7\n$/);
  expect(await store('verify', file)).toEqual(['2 records, all whole\n', 0]);
  expect(await store('forget', file, 'square')).toEqual(['', 0]);
  expect(await store('forget', file, 'other')).toEqual(['pullgraph store: there is nothing under the key other\n', 1]);
  expect(await run()).toEqual(['49 forgotten', 'runs square']);
  expect(await store('gc', file, '--max-bytes', '100')).toEqual([
    expect.stringMatching(/^deleted 1 records, 2097\d{3} bytes\n$/),
    0,
  ]);
  expect(await run()).toEqual(['49 restored', 'runs big']);
  for (const command of [['ls'], ['show', 'k'], ['verify'], ['gc']]) {
    const [word = '', ...args] = command;
    expect(await store(word, `${file}.none`, ...args)).toEqual([
      `pullgraph store: there is no store ${file}.none\n`,
      255,
    ]);
  }
  expect(existsSync(`${file}.none`)).toBe(false);
  writeFileSync(file, 'no database, but long enough to look like one'.repeat(50));
  const [refused, code] = await store('ls', file);
  expect([refused, code]).toEqual([expect.stringContaining('is damaged, or is no store'), 255]);
  const failed = await cli(['run', '--store', file, module]);
  expect([failed.stderr, failed.code]).toEqual([expect.stringContaining('is damaged, or is no store'), 255]);
});

test('pullgraph store ends quietly when its reader has enough', async () => {
  const file = join(temporaryFolder(), 'run.db');
  const scheduler = new Scheduler({ store: sqliteStore(file) });
  const queue = scheduler.queue('q', { concurrency: 8 });
  for (let n = 0; n < 5_000; n += 1)
    queue.submit({ key: `a long key, so that the list is longer than a pipe ${n}`, version: 1 }, String, n);
  scheduler.start();
  await scheduler.wait();
  await scheduler.close();
  const { child, ended } = startCli(['store', 'ls', file]);
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await ended).toMatchObject({ stderr: '', code: 141 });
});
