/** What a program says whose event loop has nothing left to do while work is left, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const library = new URL('../../dist/src/index.js', import.meta.url).href;

interface End {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the lines after the making of a scheduler `s` with a queue `q` of one slot. */
function program(...lines: readonly string[]): Promise<End> {
  const head = `import { Scheduler, taskContext } from ${JSON.stringify(library)};
    const s = new Scheduler(); const q = s.queue('q', { concurrency: 1 });`;
  const args = ['--input-type=module', '--eval', [head, ...lines].join('\n')];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

describe('a scheduler that was never started', () => {
  test.each([
    ['result()', 'await q.submit(() => 1).result();'],
    ['settled()', 'await q.submit(() => 1).settled();'],
    ['wait()', 'q.submit(() => 1); await s.wait();'],
    ['the end of a feed', 'await q.from([1], (x) => x).done();'],
    ['the next result', 'for await (const x of q.stream(() => [1])) console.log(x);'],
    ['asCompleted', 'for await (const h of s.asCompleted([q.submit(() => 1)])) console.log(h);'],
    ['nothing', 'q.submit({ id: "a" }, () => 1);'],
  ])('is named in a warning, once, when the program waits for %s', async (_, line) => {
    const { stderr } = await program(line);
    expect(stderr).toContain('[PULLGRAPH_NOT_STARTED] PullgraphWarning');
    expect(countOf(stderr, 'PULLGRAPH_NOT_STARTED')).toBe(1);
  });

  test('is not mentioned when it has nothing to do, or is closed', async () => {
    expect((await program('')).stderr).toBe('');
    expect((await program('q.submit(() => 1).settled(); await s.terminate();')).stderr).toBe('');
  });
});

test('a close whose executor never closes is told so', async () => {
  const executor = '{ run(attempt) { attempt.done(1); }, abort() {}, close: () => new Promise(() => {}) }';
  const { code, stderr } = await program(`s.queue('r', { executor: ${executor} });`, 's.start(); await s.close();');
  expect(code).toBe(1);
  expect(stderr).toContain('close() of one does not resolve');
});

describe('a function that will never end', () => {
  test('fails those who wait for it, and the program', async () => {
    const { code, stderr } = await program(
      's.start();',
      'await q.submit({ id: "endless" }, () => new Promise(() => {})).result();',
    );
    expect(code).toBe(1);
    expect(stderr).toContain("code: 'Stalled'");
    expect(stderr).toContain('nothing is left that could end them');
    expect(stderr).toContain('endless');
  });

  test('is named in a warning when nothing waits for it', async () => {
    const { stderr } = await program('s.start();', 'q.submit({ id: "endless" }, () => new Promise(() => {}));');
    expect(stderr).toContain('[PULLGRAPH_UNFINISHED] PullgraphWarning: The process ends while endless has not settled');
  });

  test('is found also after its first await, when it awaits a task that needs its slot', async () => {
    const { code, stderr } = await program(
      's.start();',
      `await q.submit({ id: 'outer' }, async () => {
         await null; await new Promise(setImmediate);
         return q.submit({ id: 'inner' }, () => 2).result();
       }).result();`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('held by outer (running)');
  });
});

describe('a caller who waits for what only a user could start', () => {
  test.each([
    ['the end of a paused queue', 's.start(); q.pause(); q.submit(() => 1); await q.close();'],
    ['the idleness of a paused queue', 's.start(); q.pause(); q.submit(() => 1); await q.onIdle();'],
    [
      'the end of the scheduler, which an endless task keeps open',
      's.start(); q.submit(() => new Promise(() => {})); await s.close();',
    ],
  ])('is rejected, waiting for %s', async (_, line) => {
    const { code, stderr } = await program(line);
    expect(code).toBe(1);
    expect(stderr).toContain("code: 'Stalled'");
    expect(stderr).toContain('nothing is left that could end them');
  });

  test.each([
    ['close()', 'await q.close();'],
    ['onIdle()', 'await q.onIdle();'],
  ])('is warned by %s of a queue whose scheduler was stopped', async (_, line) => {
    const { stderr } = await program(`s.start(); await s.stop(); q.submit({ id: "a" }, () => 1); ${line}`);
    expect(stderr).toContain('[PULLGRAPH_UNFINISHED] PullgraphWarning: The process ends while a has not settled');
  });
});

describe('a failure that nothing looks at', () => {
  test('is an unhandled rejection when the program ends', async () => {
    const { code, stderr } = await program(
      's.start();',
      'q.submit({ id: "save" }, () => { throw new Error("disk full"); });',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('TasksFailed');
    expect(stderr).toContain('disk full');
  });

  test('is none once it is looked at, also through a task that depends on it', async () => {
    const { code, stdout } = await program(
      's.start();',
      'const a = q.submit(() => { throw new Error("boom"); });',
      'await q.submit((x) => x, a).result().catch((e) => console.log(e.code));',
      'await s.wait(); console.log("fine"); await s.close();',
    );
    expect([code, stdout]).toEqual([0, 'DependencyFailed\nfine\n']);
  });
});

test('a function that ignores the end of its time gives its slot to others, and lets the scheduler close', async () => {
  const { code, stdout } = await program(
    's.start();',
    'const stuck = q.submit({ id: "stuck", timeoutMs: 5 }, () => new Promise(() => {}));',
    'console.log((await stuck.settled()).error.code);',
    'const next = q.submit(() => 5); console.log(next.why().message);',
    'console.log(await next.result()); await s.close(); console.log("closed");',
  );
  expect(code).toBe(0);
  expect(stdout).toContain('held by stuck (failed, its function has not ended yet)');
  expect(stdout.trimEnd().split('\n')).toEqual(['TaskTimedOut', expect.anything(), '5', 'closed']);
});
