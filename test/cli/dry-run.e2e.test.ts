/** `pullgraph run --dry-run`, as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const moduleWriting = (ran: string): string => `
  import { appendFileSync } from 'node:fs';
  export function read(day) { appendFileSync(${JSON.stringify(ran)}, 'read ' + day + '\\n'); return day; }
  export function sum(...days) { return days.length; }
  export default async (scheduler, [last]) => {
    const work = scheduler.queue('work', { concurrency: 1, store: true });
    const days = ['mon', last].map((day) => work.submit({ id: day, version: 1 }, read, day));
    const total = work.submit({ id: 'the "total"', version: 1 }, sum, ...days);
    await total.result();
    work.submit({ id: 'later', version: 1 }, sum, total);
  };`;

function setting() {
  const folder = temporaryFolder();
  const file = join(folder, 'main.mjs');
  const store = join(folder, 'run.db');
  const ran = join(folder, 'ran');
  writeFileSync(ran, '');
  writeFileSync(file, moduleWriting(ran));
  return { file, store, calls: () => readFileSync(ran, 'utf8') };
}

test('prints what would run and why, runs nothing, and leaves the store as it was', async () => {
  const { file, store, calls } = setting();
  const first = await cli(['run', '--dry-run', '--store', store, file, 'tue']);
  expect(first).toMatchObject({ stderr: '', code: 0 });
  expect(first.stdout).toMatch(
    /^queue +task +function +why it is not restored\n(work .+ no record\n){3}\n3 to run, 0 restored/,
  );
  expect(first.stdout).toContain('3 of a kind that no run has timed: the list has their order and no times');
  expect(calls()).toBe('');
  expect(await cli(['run', '--store', store, file, 'tue'])).toEqual({ stdout: '', stderr: '', code: 0 });
  const { stdout } = await cli(['run', '--dry-run', '--store', store, file, 'wed']);
  expect(stdout).toMatch(/^start +end +queue +task +function/);
  expect(stdout).toMatch(/0\.00 s +\d+\.\d\d s +work +wed +read +no record\n/);
  expect(stdout).toMatch(/2 to run in \d+\.\d\d s, 1 restored, 0 not needed\n$/);
  expect(calls()).toBe('read mon\nread tue\n');
});

test('prints a graph as Mermaid, DOT or JSON', async () => {
  const { file } = setting();
  const [mermaid, dot, json] = await Promise.all(
    ['mermaid', 'dot', 'json'].map((format) => cli(['run', '--graph', format, file, 'tue'])),
  );
  expect(mermaid?.stdout).toMatch(/^flowchart LR\n {2}subgraph q0 \["work"\]/);
  expect(dot?.stdout).toContain('  "mon" -> "the \\"total\\"";');
  expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
    restored: 0,
    tasks: [{ queue: 'work', kind: 'read' }, {}, {}],
  });
});

test('reports what the module throws', async () => {
  const file = join(temporaryFolder(), 'main.mjs');
  writeFileSync(file, "export default () => { throw new RangeError('no days'); };");
  expect(await cli(['run', '--dry-run', file])).toMatchObject({ stdout: '', code: 1 });
});
