/** `pullgraph exec`, as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, startCli } from '../support/cli.js';
import { gone, linesIn, written } from '../support/living-processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function rowsOf(joblog: string): string[][] {
  return readFileSync(joblog, 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'));
}

/** Seq, Exitval, Signal and Command of each row, in the order of Seq. */
function endsIn(joblog: string): unknown[] {
  return rowsOf(joblog)
    .slice(1)
    .map(([seq, , , , , , exitCode, signal, command]) => [Number(seq), Number(exitCode), Number(signal), command])
    .toSorted(([a], [b]) => Number(a) - Number(b));
}

describe('pullgraph exec', () => {
  test('runs the lines of standard input, and prints each output as a whole', async () => {
    const line = (name: string): string => `for i in 1 2 3; do echo ${name}$i; sleep 0.02; done`;
    const { stdout, stderr, code } = await cli(['exec', '-j', '3'], ['a', 'b', 'c'].map(line).join('\n'));
    expect([code, stderr]).toEqual([0, '']);
    const blocks = stdout.match(/.1\n.2\n.3\n/g) ?? [];
    expect(blocks.toSorted()).toEqual(['a1\na2\na3\n', 'b1\nb2\nb3\n', 'c1\nc2\nc3\n']);
  });

  test('runs the lines of a file, of any line ends, without the blank ones', async () => {
    const file = join(temporaryFolder(), 'commands');
    writeFileSync(file, 'echo 1\r\n\n   \necho "ü 2"');
    expect(await cli(['exec', '-k', file])).toEqual({ stdout: '1\nü 2\n', stderr: '', code: 0 });
  });

  test('takes a byte order mark and the last line end for no part of a line', async () => {
    const joblog = join(temporaryFolder(), 'log');
    const { stdout } = await cli(['exec', '-k', '--joblog', joblog], '\u{FEFF}echo 1\r\necho 2\r');
    expect(stdout).toBe('1\n2\n');
    expect(endsIn(joblog).map((row) => (row as unknown[])[3])).toEqual(['echo 1', 'echo 2']);
  });

  test('takes characters and lines for what they are, however they come', async () => {
    const running = startCli(['exec', '-k']);
    for (const byte of Buffer.from('echo ü\r\necho €\n')) {
      running.child.stdin?.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    running.child.stdin?.end();
    expect((await running.ended).stdout).toBe('ü\n€\n');
  });

  test('prints in the order of the lines where that is asked for', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => `sleep 0.0${(12 - n) % 7}; echo ${n}`);
    const { stdout } = await cli(['exec', '-j', '4', '--keep-order'], lines.join('\n'));
    expect(stdout.trimEnd().split('\n')).toEqual(lines.map((_, n) => `${n}`));
  });

  test('runs no more at a time than it is told', async () => {
    const folder = temporaryFolder();
    // The first waits for a second one.
    const line = `cd ${folder}; echo + >> log; until [ $(grep -c + log) -ge 2 ]; do sleep 0.01; done; echo - >> log`;
    await cli(['exec', '-j', '2'], Array.from({ length: 8 }, () => line).join('\n'));
    let present = 0;
    let most = 0;
    for (const change of readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n')) {
      present += change === '+' ? 1 : -1;
      most = Math.max(most, present);
    }
    expect([present, most]).toEqual([0, 2]);
  });

  test('begins the lines in their order', async () => {
    const lines = Array.from({ length: 20 }, (_, n) => `echo ${n}`);
    const { stdout } = await cli(['exec', '-j', '1'], lines.join('\n'));
    expect(stdout.trimEnd().split('\n')).toEqual(lines.map((_, n) => `${n}`));
  });

  test('ends with the number of commands that failed', async () => {
    expect((await cli(['exec', '-j', '3'], 'exit 9\ntrue\nexit 9')).code).toBe(2);
  });

  test('reads no further ahead than it needs', async () => {
    const running = startCli(['exec', '-j', '2']);
    // Endless: who wants it whole never begins.
    const chunk = 'echo line\n'.repeat(1_000);
    const feed = (): void => {
      while (running.child.stdin?.writable === true && running.child.stdin.write(chunk));
    };
    running.child.stdin?.on('drain', feed);
    feed();
    await running.until('line\n'.repeat(50));
    // What is on its way in pipes and buffers, far less than it could have read by now.
    expect(running.child.stdin).toHaveProperty(
      'bytesWritten',
      expect.toSatisfy((bytes: number) => bytes < 1_000_000),
    );
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });

  test('ends what takes too long, and tries again what fails', async () => {
    const folder = temporaryFolder();
    const joblog = join(folder, 'log');
    const flaky = `echo x >> ${folder}/tries; test $(wc -l < ${folder}/tries) -ge 3`;
    expect((await cli(['exec', '--retry', '2', '--joblog', joblog], flaky)).code).toBe(0);
    expect(endsIn(joblog)).toEqual([[1, 0, 0, flaky]]);
    expect(await written(join(folder, 'tries'))).toBe('x\nx\nx');
    const late = await cli(['exec', '--timeout', '100', '--retry', '1', '--joblog', joblog], 'sleep 1000');
    expect([late.code, late.stderr]).toEqual([1, 'pullgraph exec: line 1: timed out\n']);
    expect(endsIn(joblog)).toEqual([[1, -1, 0, 'sleep 1000']]);
  });

  test('shows how far it has come', async () => {
    const { stderr } = await cli(['exec', '--progress'], 'true\nfalse\ntrue');
    expect(stderr).toMatch(/^\[=+\] 3\/3 \| 1 failed \| \d+s\n$/m);
  });
});

describe('the joblog', () => {
  test('has the columns of GNU parallel, and a row for each command that has ended', async () => {
    const joblog = join(temporaryFolder(), 'log');
    const lines = ['echo 12345', 'exit 3', 'kill -KILL $$', 'printf "a\\tb"\t# a tab', 'no-such-program-anywhere'];
    const before = Date.now();
    expect((await cli(['exec', '--joblog', joblog], lines.join('\n'))).code).toBe(3);
    const [header, ...rows] = rowsOf(joblog);
    expect(header?.join(' ')).toBe('Seq Host Starttime JobRuntime Send Receive Exitval Signal Command');
    expect(endsIn(joblog).map((row) => (row as unknown[]).slice(0, 3))).toEqual([
      [1, 0, 0],
      [2, 3, 0],
      [3, 0, 9],
      [4, 0, 0],
      [5, 127, 0],
    ]);
    const first = rows.find(([seq]) => seq === '1') ?? [];
    expect([first[1], first[4], first[5], first[8]]).toEqual([':', '0', '6', 'echo 12345']);
    expect(Number(first[2]) * 1000).toBeGreaterThanOrEqual(before - 1);
    expect(first[3]).toMatch(/^ +\d+\.\d{3}$/);
  });

  test('is begun anew without --resume, and with it what it says is done is skipped', async () => {
    const folder = temporaryFolder();
    const joblog = join(folder, 'log');
    const lines = [1, 2, 3, 4].map((n) => `echo ${n} >> ${folder}/runs; test ! -e ${folder}/fail${n}`);
    writeFileSync(join(folder, 'fail2'), '');
    const run = (...args: string[]) => cli(['exec', '-j', '1', '--joblog', joblog, ...args], lines.join('\n'));
    expect((await run()).code).toBe(1);
    expect((await run('--resume')).code).toBe(1);
    expect(await written(join(folder, 'runs'))).toBe('1\n2\n3\n4\n2');
    // A row that was being written when its process was killed, and a line that has changed, are run again.
    writeFileSync(joblog, readFileSync(joblog, 'utf8').split('\n').slice(0, 4).join('\n').slice(0, -1));
    lines[0] += ' # changed';
    await run('--resume');
    expect(await written(join(folder, 'runs'))).toBe('1\n2\n3\n4\n2\n1\n2\n3\n4');
    expect(rowsOf(joblog).every((row) => row.length <= 9)).toBe(true);
    await run();
    expect(rowsOf(joblog)).toHaveLength(5);
  });

  test('is whole when its process is killed in the middle: nothing done is done again, and everything is', async () => {
    const folder = temporaryFolder();
    const joblog = join(folder, 'log');
    const file = join(folder, 'commands');
    const count = 60;
    writeFileSync(file, Array.from({ length: count }, (_, n) => `echo ${n} >> ${folder}/runs; sleep 0.02`).join('\n'));
    const args = ['exec', '-j', '2', '--joblog', joblog, '--resume', file];
    const running = startCli(args);
    await linesIn(joblog, 20);
    running.child.kill('SIGKILL');
    await running.ended;
    const done = new Set(rowsOf(joblog).map(([, , , , , , , , command]) => command));
    expect((await cli(args)).code).toBe(0);
    const runs = (await written(join(folder, 'runs'))).split('\n');
    expect(new Set(runs).size).toBe(count);
    for (const n of Array.from({ length: count }, (_, index) => index)) {
      const times = runs.filter((run) => run === `${n}`).length;
      if (done.has(`echo ${n} >> ${folder}/runs; sleep 0.02`)) expect(times).toBe(1);
    }
    expect(endsIn(joblog)).toHaveLength(count);
  });
});

describe('a signal to pullgraph exec', () => {
  const waiting = (folder: string): string =>
    `echo $$ > ${folder}/pid; while test ! -e ${folder}/go; do sleep 0.02; done`;

  test.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s lets what runs come to its end, and starts nothing more', async (signal, code) => {
    const folder = temporaryFolder();
    const running = startCli(['exec', '-j', '1', '--joblog', join(folder, 'log')]);
    running.child.stdin?.write(`${waiting(folder)}; echo finished\necho never\necho never\n`);
    await written(join(folder, 'pid'));
    running.child.kill(signal);
    await running.until('waiting for what runs', 'stderr');
    writeFileSync(join(folder, 'go'), '');
    const output = await running.ended;
    expect([output.code, output.stdout]).toEqual([code, 'finished\n']);
    expect(endsIn(join(folder, 'log'))).toHaveLength(1);
  });

  test.each([
    ['fails', []],
    ['fails and is shared', ['--shared']],
  ])('tries nothing again that %s afterwards', async (_, shared) => {
    const folder = temporaryFolder();
    const args = [
      '--retry',
      '3',
      '--joblog',
      join(folder, 'log'),
      ...shared,
      ...shared.map(() => join(folder, 'shared')),
    ];
    const running = startCli(['exec', '-j', '1', ...args]);
    running.child.stdin?.write(`${waiting(folder)}; echo run >> ${folder}/runs; exit 3\n`);
    await written(join(folder, 'pid'));
    running.child.kill('SIGINT');
    await running.until('waiting for what runs', 'stderr');
    writeFileSync(join(folder, 'go'), '');
    expect((await running.ended).code).toBe(130);
    expect(await written(join(folder, 'runs'))).toBe('run');
    expect(endsIn(join(folder, 'log')).map((row) => (row as unknown[]).slice(0, 3))).toEqual([[1, 3, 0]]);
  });

  test('and a second one ends what runs, also where that takes no notice', async () => {
    const folder = temporaryFolder();
    const running = startCli(['exec', '-j', '1', '--joblog', join(folder, 'log')]);
    running.child.stdin?.write(`trap "" TERM INT; ${waiting(folder)}\n`);
    const pid = Number(await written(join(folder, 'pid')));
    running.child.kill('SIGTERM');
    await running.until('waiting for what runs', 'stderr');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
    await gone(pid);
    expect(endsIn(join(folder, 'log'))).toEqual([]);
  });
});

describe('what pullgraph exec cannot work with', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown option', ['--frobnicate'], /^pullgraph exec: unknown option '--frobnicate'/],
    ['a file that is not there', ['/no/such/file'], /^pullgraph exec: ENOENT: .*\/no\/such\/file/],
    ['a joblog that cannot be written', ['--joblog', '/no/such/folder/log'], /^pullgraph exec: ENOENT/],
  ])('is said on standard error: %s', async (_, args, message) => {
    const { stdout, stderr, code } = await cli(['exec', ...args], 'echo no\n');
    expect([code, stdout]).toEqual([255, '']);
    expect(stderr).toMatch(message);
  });

  test.each([
    ['that is not there', '/no/such/file', /ENOENT/],
    ['that is a folder', '/', /\/ is a folder/],
  ])('leaves the joblog as it was: a file %s', async (_, file, message) => {
    const joblog = join(temporaryFolder(), 'log');
    writeFileSync(joblog, 'dear\n');
    const { stderr, code } = await cli(['exec', '--joblog', joblog, file]);
    expect(code).toBe(255);
    expect(stderr).toMatch(message);
    expect(readFileSync(joblog, 'utf8')).toBe('dear\n');
  });

  test('is a command that failed: a line with a NUL byte', async () => {
    const joblog = join(temporaryFolder(), 'log');
    const { stdout, stderr, code } = await cli(['exec', '-k', '--joblog', joblog], 'echo a\0b\necho c\n');
    expect([stdout, code]).toEqual(['c\n', 1]);
    expect(stderr).toMatch(/^pullgraph exec: line 1: .*null bytes/);
    expect(endsIn(joblog).map((row) => (row as unknown[])[1])).toEqual([127, 0]);
  });

  test('is not run in another form: a line that is not UTF-8', async () => {
    const running = startCli(['exec', '-j', '1']);
    running.child.stdin?.end(Buffer.from('true\n\necho caf\u{E9}\n', 'latin1'));
    expect(await running.ended).toEqual({ stdout: '', stderr: 'pullgraph exec: line 3 is not UTF-8\n', code: 255 });
  });

  test('is not --help, which a newcomer understands', async () => {
    const { stdout, stderr, code } = await cli(['exec', '--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const word of ['--jobs', '--joblog', '--resume', 'Exit codes:', '255', 'Examples:']) {
      expect(stdout).toContain(word);
    }
    expect((await cli(['--help'])).stdout).toMatch(/exec .*\n.*run /);
  });

  test.each([
    ['stdout', 'echo line\n'],
    ['stderr', 'echo line >&2\n'],
  ] as const)('ends it: %s that the reader has closed', async (stream, line) => {
    const running = startCli(['exec', '-j', '1']);
    running.child.stdin?.on('drain', () => running.child.stdin?.write(line.repeat(1_000)));
    running.child.stdin?.write(line.repeat(10_000));
    await running.until('line', stream);
    running.child[stream]?.destroy();
    expect((await running.ended).code).toBe(141);
  });
});
