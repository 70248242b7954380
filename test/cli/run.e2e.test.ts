/** `pullgraph run`, as a process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, startCli } from '../support/cli.js';
import { written } from '../support/living-processes.js';
import { temporaryFolder, temporaryFolderInside } from '../support/temporary-folder.js';

/** A module of that text. Where it finds pullgraph by itself, the command need not see to that. */
function moduleOf(text: string, folder = temporaryFolderInside()): string {
  const file = join(folder, 'main.mjs');
  writeFileSync(file, text);
  return file;
}

describe('pullgraph run', () => {
  test('runs what the module submits, and waits for all of it', async () => {
    const file = moduleOf(`export default (scheduler) => {
      const work = scheduler.queue('work', { concurrency: 2 });
      const two = work.submit(() => 2);
      work.submit((a, b) => console.log(a + b), two, 3);
    };`);
    expect(await cli(['run', file])).toEqual({ stdout: '5\n', stderr: '', code: 0 });
  });

  test('waits for a function that waits for results itself', async () => {
    const file = moduleOf(`export default async function main(scheduler) {
      const work = scheduler.queue('work');
      console.log(await work.submit(() => 'first').result());
      console.log(await work.submit(() => 'second').result());
    }`);
    expect((await cli(['run', file])).stdout).toBe('first\nsecond\n');
  });

  test('loads TypeScript where its process does', async () => {
    const file = join(temporaryFolder(), 'main.ts');
    writeFileSync(file, 'const two: number = 2; export default (): void => console.log(two);');
    const running = startCli(['run', file], { NODE_OPTIONS: '--import=tsx' });
    expect(await running.ended).toMatchObject({ stdout: '2\n', code: 0 });
  });

  test('runs commands on a queue that is made as the error says', async () => {
    const run = "work.run('echo', ['done']).result().then(({ stdout }) => process.stdout.write(stdout))";
    const refused = await cli([
      'run',
      moduleOf(`export default (s) => { const work = s.queue('work'); return ${run}; }`),
    ]);
    expect(refused.code).toBe(1);
    const [, call = '', from = ''] = /create it with scheduler(\..*\)), and (import .*)$/m.exec(refused.stderr) ?? [];
    const text = `${from}; export default (s) => { const work = s${call}; return ${run}; }`;
    expect(await cli(['run', moduleOf(text)])).toEqual({ stdout: 'done\n', stderr: '', code: 0 });
  });

  test('shows how far it has come', async () => {
    const file = moduleOf(`export default (scheduler) => {
      const work = scheduler.queue('work');
      for (let n = 0; n < 5; n += 1) work.submit(() => n);
    };`);
    expect((await cli(['run', '--progress', file])).stderr).toMatch(/^\[=+\] 5\/5 \| \d+s\n$/);
  });

  test.each([
    [
      'a task failed',
      'work.submit({ id: "bad" }, () => { throw new RangeError("no"); });',
      /^pullgraph run: 1 task failed\n  bad: RangeError: no\n      at .*main\.mjs:3:\d+\)?\n$/,
    ],
    [
      'nothing can proceed',
      'const a = work.submit({ hold: true }, () => 1); work.submit({ after: [a] }, () => 2);',
      /cannot proceed/,
    ],
    [
      'the function throws',
      'throw new TypeError("not so");',
      /TypeError: not so\n    at default \(.*main\.mjs:3:\d+\)\n$/,
    ],
  ])('ends with 1 and says why where %s', async (_, body, message) => {
    const file = moduleOf(`export default (scheduler) => {
      const work = scheduler.queue('work', { concurrency: 1 });
      ${body}
    };`);
    const { code, stderr } = await cli(['run', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pullgraph run: /);
    expect(stderr).toMatch(message);
  });

  test.each([
    [
      'that is not there',
      '/no/such/module.mjs',
      /^pullgraph run: \/no\/such\/module.mjs cannot be loaded:\n.*Cannot find module/,
    ],
    ['that exports no function', moduleThat('export const a = 1;'), /has no default export that is a function\n$/],
    [
      'that throws',
      moduleThat('throw new Error("early");'),
      /cannot be loaded:\nError: early\n    at .*main\.mjs:1:\d+\n$/,
    ],
  ])('ends with 255 for a module %s', async (_, module, message) => {
    const { code, stderr } = await cli(['run', typeof module === 'string' ? module : module()]);
    expect(code).toBe(255);
    expect(stderr).toMatch(message);
  });

  test.each([
    ['function', 'export default () => new Promise(() => {});'],
    ['task', `export default (scheduler) => void scheduler.queue('work').submit(() => new Promise(() => {}));`],
    ['module', 'export default () => {}; await new Promise(() => {});'],
  ])('ends with 1 and says why when nothing is left that could settle a wait of the %s', async (_, text) => {
    const { code, stderr } = await cli(['run', moduleOf(text)]);
    expect([code, stderr]).toEqual([1, 'pullgraph run: nothing is left that could settle this wait\n']);
  });

  test('says where a module that is imported cannot be parsed', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'part.mjs'), 'const a = 1;\ncall("x";\n');
    const { code, stderr } = await cli(['run', moduleOf('import "./part.mjs"; export default () => {};', folder)]);
    expect(code).toBe(255);
    expect(stderr).toMatch(/^pullgraph run: .*main\.mjs cannot be loaded: missing \)/);
    expect(stderr).toMatch(/part\.mjs:2\n/);
  });

  test('lists every failure with its place and its cause', async () => {
    const file = moduleOf(`export default (scheduler) => {
      const work = scheduler.queue('work', { concurrency: 1 });
      const a = work.submit({ id: 'a' }, () => { throw new RangeError('no', { cause: new Error('deep') }); });
      work.submit({ id: 'b' }, (x) => x, a);
      work.submit({ id: 'c' }, () => { throw 'text'; });
      work.submit({ id: 'd' }, () => 4);
    };`);
    const { code, stderr } = await cli(['run', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pullgraph run: 3 tasks failed\n/);
    expect(stderr).toMatch(
      /\n  a: RangeError: no\n +at .*main\.mjs:3:\d+\n    caused by Error: deep\n +at .*main\.mjs:3:\d+\n/,
    );
    expect(stderr).toMatch(/\n  b: DependencyFailed: task b cannot run: its dependency a ended with RangeError: no\n/);
    expect(stderr).toContain('\n  c: text\n');
    expect(stderr).not.toMatch(/node:|\/dist\//);
  });

  test('passes arguments on, also those that begin with a hyphen', async () => {
    const file = moduleOf('export default (_, args) => console.log(JSON.stringify([args, process.argv.slice(2)]));');
    const { stdout } = await cli(['run', file, '--', '--json', 'a b']);
    expect(JSON.parse(stdout)).toEqual([
      ['--json', 'a b'],
      ['--json', 'a b'],
    ]);
  });

  test.each<[string, string, number, object]>([
    ['went well', 'work.submit(() => 1); work.submit(() => 2);', 0, { tasks: { done: 2, failed: 0, cancelled: 0 } }],
    [
      'has tasks that failed',
      'work.submit(() => 1); work.submit({ id: "a" }, () => { throw new RangeError("no"); });',
      1,
      { tasks: { done: 1, failed: 1, cancelled: 0 }, failures: [{ task: 'a', name: 'RangeError', message: 'no' }] },
    ],
    ['threw', 'throw new TypeError("no");', 1, { error: { name: 'TypeError', message: 'no' } }],
  ])('ends its output with a line of JSON with --json: about a run that %s', async (_, body, code, expected) => {
    const file = moduleOf(`export default (scheduler) => {
      console.log('own output');
      const work = scheduler.queue('work');
      ${body}
    };`);
    const output = await cli(['run', '--json', file]);
    const [own, report = '', ...rest] = output.stdout.split('\n');
    expect([own, rest, output.code]).toEqual(['own output', [''], code]);
    expect(JSON.parse(report)).toMatchObject({ code, ...expected });
  });

  test('gives the package of the command to a module that has none beside it', async () => {
    const folder = temporaryFolder();
    const text = `import { Scheduler } from 'pullgraph';
      import { processes } from 'pullgraph/executors';
      export default async (scheduler) => {
        const shell = scheduler.queue('shell', { executor: processes() });
        console.log(scheduler instanceof Scheduler, (await shell.run('echo', ['hi']).result()).stdout.trim());
      };`;
    expect(await cli(['run', moduleOf(text, folder)])).toEqual({ stdout: 'true hi\n', stderr: '', code: 0 });
    const other = moduleOf(`import 'not-pullgraph'; export default () => {};`, folder);
    expect((await cli(['run', other])).stderr).toContain("Cannot find package 'not-pullgraph'");
  });

  test('ends with 255 and its usage where it is told no module', async () => {
    const { code, stderr } = await cli(['run']);
    expect(code).toBe(255);
    expect(stderr).toMatch(/^pullgraph run: missing required argument 'FILE'/);
  });
});

describe('a signal to pullgraph run', () => {
  const waiting = (folder: string): string =>
    moduleOf(
      `import { existsSync, writeFileSync } from 'node:fs';
      import { setTimeout as wait } from 'node:timers/promises';
      export default async (scheduler) => {
        const work = scheduler.queue('work', { concurrency: 1 });
        // Of two, the one that comes last is begun first.
        work.submit(() => console.log('never'));
        work.submit(async () => {
          writeFileSync(${JSON.stringify(join(folder, 'begun'))}, '\\n');
          while (!existsSync(${JSON.stringify(join(folder, 'go'))})) await wait(10);
          console.log('finished');
        });
        await new Promise(() => setInterval(() => {}, 1_000));
      };`,
      folder,
    );

  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s lets what runs come to its end, whatever else the module waits for', async (signal, code) => {
    const folder = temporaryFolder();
    const running = startCli(['run', waiting(folder)]);
    await written(join(folder, 'begun'));
    running.child.kill(signal);
    await running.until('waiting for what runs', 'stderr');
    writeFileSync(join(folder, 'go'), '');
    expect(await running.ended).toMatchObject({ stdout: 'finished\n', code });
  });

  test('and a second one does not wait for it', async () => {
    const folder = temporaryFolder();
    const running = startCli(['run', waiting(folder)]);
    await written(join(folder, 'begun'));
    running.child.kill('SIGINT');
    await running.until('waiting for what runs', 'stderr');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ stdout: '', code: 130 });
  });
});

/** Made when the test runs, so that it goes with it. */
function moduleThat(text: string): () => string {
  return () => moduleOf(text);
}
