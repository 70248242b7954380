/** `pullgraph exec --shared`, as several processes on one folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeEntry } from '../../src/shared-folder/entry.js';
import { entryFileName } from '../../src/shared-folder/file-name.js';
import { type CliOutput, type RunningCli, startCli } from '../support/cli.js';
import { written } from '../support/living-processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A folder to work in, with the lines in it, which know the folder as `$F`. */
function work(lines: readonly string[]) {
  const folder = temporaryFolder();
  const file = join(folder, 'lines');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const start = (...args: string[]): RunningCli =>
    startCli(['exec', '-k', '-j', '1', '--shared', join(folder, 'shared'), ...args, file], { F: folder });
  const linesIn = (name: string): string[] => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  return { folder, start, linesIn };
}

const ended = (participants: readonly RunningCli[]): Promise<CliOutput[]> =>
  Promise.all(participants.map((participant) => participant.ended));

const NUMBERS = Array.from({ length: 12 }, (_, n) => n);
const LINES = NUMBERS.map((n) => `echo ${n} >> "$F/runs"; echo value ${n}`);
const SUM = `echo reduced >> "$F/runs"; awk '{ sum += $2 } END { print "sum", sum }'`;

/** A line in which whoever is first stays, and whose process group has the number that it writes to a file. */
const HANGING =
  'echo hanging >> "$F/runs"; if mkdir "$F/first" 2> /dev/null; then echo $$ > "$F/group"; sleep 600; fi; echo value 100';

/** Resolves when somebody is in that line; ends it with the test where nobody else has. */
async function hanging({ folder }: { readonly folder: string }): Promise<number> {
  const group = Number(await written(join(folder, 'group')));
  onTestFinished(() => {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It is gone.
    }
  });
  return group;
}

describe('pullgraph exec --shared', () => {
  test('runs each line in one of the processes, and all of them print all outputs', async () => {
    const { start, linesIn } = work(LINES);
    const outputs = await ended([start(), start(), start()]);
    const stdout = NUMBERS.map((n) => `value ${n}\n`).join('');
    for (const output of outputs) expect(output).toEqual({ stdout, stderr: '', code: 0 });
    expect(linesIn('runs').toSorted()).toEqual(NUMBERS.map(String).toSorted());
  });

  test('has one of them reduce the outputs, in the order of the lines, and all of them print the reduction', async () => {
    const { start, linesIn } = work(LINES);
    const outputs = await ended([start('--reduce', SUM), start('--reduce', SUM), start('--reduce', SUM)]);
    for (const output of outputs) expect(output).toEqual({ stdout: 'sum 66\n', stderr: '', code: 0 });
    expect(linesIn('runs').toSorted()).toEqual([...NUMBERS.map(String), 'reduced'].toSorted());
  });

  test('finishes the work of one that is killed in the middle of a line', async () => {
    const place = work([HANGING, ...LINES]);
    const args = ['--reduce', SUM, '--expire', '1500'];
    const victim = place.start(...args);
    await hanging(place);
    const others = [place.start(...args), place.start(...args)];
    victim.child.kill('SIGKILL');
    const outputs = await ended(others);
    for (const output of outputs) expect(output).toEqual({ stdout: 'sum 166\n', stderr: '', code: 0 });
    expect(place.linesIn('runs').filter((line) => line === 'hanging').length).toBeGreaterThanOrEqual(2);
  });

  test.runIf(process.platform === 'linux')(
    'does not run a line beside what is left of it from one that was killed',
    async () => {
      // One process may clean up, another has left the group and takes no notice of SIGTERM.
      const stubborn = `setsid sh -c 'trap "" TERM; echo $$ > "$F/child"; sleep 600' &`;
      const first = `trap 'echo > "$F/cleaned"; exit' TERM; ${stubborn} sleep 600 & echo $$ > "$F/group"; wait`;
      const second = `for p in $(cat "$F/child" "$F/group"); do grep "^State:.[^ZX]" /proc/$p/status 2> /dev/null; done`;
      const line = `if test -e "$F/second"; then ${second}; echo alone; else ${first}; fi`;
      const place = work([line]);
      const victim = place.start('--expire', '1500');
      await hanging(place);
      await written(join(place.folder, 'child'));
      victim.child.kill('SIGKILL');
      writeFileSync(join(place.folder, 'second'), '');
      expect(await place.start('--expire', '1500').ended).toEqual({ stdout: 'alone\n', stderr: '', code: 0 });
      expect(existsSync(join(place.folder, 'cleaned'))).toBe(true);
    },
  );

  test('goes on from what is in the folder when it is started again', async () => {
    const { start, linesIn } = work(LINES);
    await start().ended;
    const again = await start('--reduce', SUM).ended;
    expect(again).toEqual({ stdout: 'sum 66\n', stderr: '', code: 0 });
    expect(linesIn('runs')).toHaveLength(13);
  });

  test('tells of commands that failed elsewhere what it tells of its own, and reduces nothing then', async () => {
    const { folder, start } = work(['exit 3', 'echo so; echo sorry >&2; kill -9 $$', '"$F/nonexistent"', 'true']);
    const told: unknown[] = [];
    for (const joblog of ['one', 'other']) {
      const output = await start('--joblog', join(folder, joblog), '--reduce', 'cat').ended;
      expect(output.stderr).toContain('pullgraph exec: nothing is reduced: 3 of the commands failed\n');
      const rows = readFileSync(join(folder, joblog), 'utf8').trimEnd().split('\n').slice(1);
      told.push([output, rows.map((row) => row.split('\t').slice(5))]);
    }
    expect(told[1]).toEqual(told[0]);
    expect(told[0]).toMatchObject([{ code: 3, stdout: '', stderr: expect.stringContaining('sorry') as string }, {}]);
  });

  test('does not call a line done that printed more than is shared, and reduces nothing then', async () => {
    const { start } = work(['echo 12', 'echo 3456']);
    for (const _ of ['where it ran', 'elsewhere']) {
      const { stdout, stderr, code } = await start('--max-output', '4', '--reduce', 'cat').ended;
      expect([stdout, code]).toEqual(['', 1]);
      expect(stderr).toMatch(/^pullgraph exec: line 2: .*it printed more than 4 bytes.*raise --max-output\n/);
      expect(stderr).toContain('pullgraph exec: nothing is reduced: 1 of the commands failed\n');
    }
  });

  test('has all of them print what a line has printed that timed out', async () => {
    const { start, linesIn } = work(['echo run >> "$F/runs"; echo first; echo error >&2; sleep 1000']);
    const outputs = await ended([start('--timeout', '2s'), start('--timeout', '2s')]);
    for (const { stdout, stderr, code } of outputs) {
      expect([stdout, code]).toEqual(['first\n', 1]);
      expect(stderr).toMatch(/^error\n(Terminated\n)?pullgraph exec: line 1: timed out\n$/);
    }
    expect(linesIn('runs')).toEqual(['run']);
  });

  test('starts no line that it was about to claim when it is halted', async () => {
    const { folder, start } = work(['while test ! -e "$F/go"; do sleep 0.02; done; exit 3', 'echo > "$F/begun"']);
    const id = 'line 2: echo > "$F/begun"';
    const entry = (number: number) => join(folder, 'shared', entryFileName(id, number));
    const entryOf = (kind: 'claimed' | 'released') =>
      encodeEntry({ id, token: kind, happening: kind === 'released' ? { kind } : { kind, owner: 'x', label: 'x' } });
    mkdirSync(join(folder, 'shared'));
    // Whoever reads the log of the line waits until somebody writes it.
    execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', entry(0)]);
    writeFileSync(entry(1), entryOf('released'));
    const running = start('-j', '2', '--halt', 'soon,fail=1');
    const writing = await open(entry(0), 'w');
    writeFileSync(join(folder, 'go'), '');
    await running.until('(--halt soon,fail=1)', 'stderr');
    await writing.writeFile(entryOf('claimed'));
    await writing.close();
    expect((await running.ended).code).toBe(3);
    expect(existsSync(join(folder, 'begun'))).toBe(false);
  });

  test('runs failed lines again when it is asked to, and no others', async () => {
    const { folder, start, linesIn } = work(['echo 1 >> "$F/runs"; test -e "$F/go"', 'echo 2 >> "$F/runs"']);
    expect((await start().ended).code).toBe(1);
    expect((await start().ended).code).toBe(1);
    expect((await start('--retry-failed').ended).code).toBe(1);
    writeFileSync(join(folder, 'go'), '');
    expect((await start('--retry-failed').ended).code).toBe(0);
    expect(linesIn('runs')).toEqual(['1', '2', '1', '1']);
    expect((await start().ended).code).toBe(0);
  });

  test('runs a line that fails as many times as is allowed, whoever runs it', async () => {
    const { start, linesIn } = work(['echo run >> "$F/runs"; false']);
    const outputs = await ended([start('--retry', '2'), start('--retry', '2')]);
    expect(outputs.map(({ code }) => code)).toEqual([1, 1]);
    expect(linesIn('runs')).toEqual(['run', 'run', 'run']);
  });

  test('ends at once when it is asked to while it waits for another process', async () => {
    const place = work([HANGING, 'echo other >> "$F/other"']);
    const one = place.start();
    const group = await hanging(place);
    const waiting = place.start();
    // It has passed over the first line, and there is nothing after this one.
    await written(join(place.folder, 'other'));
    waiting.child.kill('SIGINT');
    expect((await waiting.ended).code).toBe(130);
    process.kill(-group, 'SIGKILL');
    expect((await one.ended).code).toBe(1);
  });

  test('has nothing to tell of a line that others have when it is asked to end while it looks', async () => {
    const { folder, start } = work(['true']);
    const id = 'line 1: true';
    mkdirSync(join(folder, 'shared'));
    // Whoever reads the log of the line waits until somebody writes it.
    const log = join(folder, 'shared', entryFileName(id, 0));
    execFileSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', log]);
    const running = start('--joblog', join(folder, 'log'));
    const writing = await open(log, 'w');
    running.child.kill('SIGINT');
    await running.until('waiting for what runs', 'stderr');
    const happening = { kind: 'claimed', owner: 'other', label: 'other' } as const;
    await writing.writeFile(encodeEntry({ id, token: 'other', happening }));
    await writing.close();
    const { stderr, code } = await running.ended;
    expect([stderr.trimEnd().split('\n').length, code]).toEqual([1, 130]);
    expect(readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  test('says what is wrong with the folder', async () => {
    const { child, ended: end } = startCli(['exec', '--shared', '/dev/null']);
    child.stdin?.end();
    const { code, stderr } = await end;
    expect(stderr).toMatch(/^pullgraph exec: the shared folder \/dev\/null cannot be used \(EEXIST\): .*\n$/);
    expect(code).toBe(255);
  });
});
