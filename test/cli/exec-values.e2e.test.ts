/** `pullgraph exec` with a command and values, and the options that GNU parallel has too. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { inShell } from '../support/in-shell.js';

describe('a command with values', () => {
  test('is run for each value of the command line, with the value in its place', async () => {
    const values = ['a b/c.txt', "it's", '$(touch pwned)', '-x', '--jobs', ''];
    const { stdout, stderr, code } = await cli(['exec', '-k', `printf '%s|' {} {.} {/} {#}; echo`, ':::', ...values]);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.split('\n')).toEqual([
      'a b/c.txt|a b/c|c.txt|1|',
      "it's|it's|it's|2|",
      '$(touch pwned)|$(touch pwned)|$(touch pwned)|3|',
      '-x|-x|-x|4|',
      '--jobs|--jobs|--jobs|5|',
      '|||6|',
      '',
    ]);
    expect(existsSync('pwned')).toBe(false);
  });

  test('takes its values from standard input or from files, and gives every combination', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'x\ny\n');
    expect((await cli(['exec', '-k', 'echo {}!'], 'a\n\nb\n')).stdout).toBe('a!\n!\nb!\n');
    expect((await cli(['exec', '-k', 'echo', '::::', join(folder, 'file')])).stdout).toBe('x\ny\n');
    const { stdout } = await cli(
      ['exec', '-k', 'echo {2} {1}', ':::', '1', '2', '::::', join(folder, 'file'), '-'],
      'z\n',
    );
    expect(stdout).toBe('x 1\ny 1\nx 2\ny 2\n');
    expect((await cli(['exec', '-k', ':::', 'echo 1', 'echo 2'])).stdout).toBe('1\n2\n');
  });

  test('has every line end in its values where they end with NUL', async () => {
    const { stdout } = await cli(['exec', '-k', '-0', `printf '<%s>' {}`], 'a\nb\0c\r\0');
    expect(stdout).toBe('<a\nb><c\r>');
    const joblog = join(temporaryFolder(), 'log');
    const lines = 'echo 1\necho 2\0echo 3\0';
    for (const printed of ['1\n2\n3\n', '']) {
      expect((await cli(['exec', '-k', '-0', '--joblog', joblog, '--resume'], lines)).stdout).toBe(printed);
    }
  });

  test('knows the number of its slot, which no other has at that time', async () => {
    const { stdout } = await cli([
      'exec',
      '-j',
      '2',
      'echo {%} "{%}" $PARALLEL_SEQ {#}; sleep 0.05',
      ':::',
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ]);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(' '));
    expect(rows).toHaveLength(6);
    for (const [slot = '', quoted, seq, number] of rows) {
      expect(['1', '2']).toContain(slot);
      expect([quoted, seq]).toEqual([slot, number]);
    }
  });

  test('is printed in place of being run with --dry-run', async () => {
    const { stdout } = await cli(['exec', '--dry-run', 'convert {} {.}.png', ':::', 'a b.jpg', 'c.jpg']);
    expect(stdout).toBe("convert 'a b.jpg' 'a b'.png\nconvert c.jpg c.png\n");
  });
});

describe('--halt', () => {
  test.each([
    ['soon,fail=1', '1', [0, 3, 0], 3, ['1', '2']],
    ['now,success=1', '1', [3, 0, 5], 0, ['1', '2']],
    ['soon,done=2', '1', [3, 0, 5], 1, ['1', '2']],
    ['never', '1', [3, 0, 5], 2, ['1', '2', '3']],
    ['now,fail=50%', '1', [3, 0, 4, 5], 4, ['1', '2', '3']],
  ])('%s ends as GNU parallel does', async (rule, jobs, exits, code, run) => {
    const args = ['exec', '-j', jobs, '--halt', rule, 'echo {#}; exit {}', ':::', ...exits.map(String)];
    const output = await cli(args);
    expect([output.code, output.stdout.trimEnd().split('\n')]).toEqual([code, run]);
    if (rule !== 'never') expect(output.stderr).toContain(`(--halt ${rule})\n`);
  });

  test('takes a percentage of the lines of a file, and of standard input when that has ended', async () => {
    const lines = 'exit 3\nexit 4\ntrue\nexit 5\n';
    const file = join(temporaryFolder(), 'lines');
    writeFileSync(file, lines);
    const args = ['exec', '-j', '1', '--halt', 'soon,fail=50%'];
    expect((await cli([...args, file])).code).toBe(4);
    // The end of a short input is read ahead of the first command's end.
    expect((await cli(args, 'exit 3\nexit 4\n')).code).toBe(3);
  });

  test('ends what runs with now, and lets it finish with soon', async () => {
    for (const [when, printed] of [
      ['now', ''],
      ['soon', 'finished\n'],
    ] as const) {
      const folder = temporaryFolder();
      const other = `echo > ${folder}/begun; while test ! -e ${folder}/go; do sleep 0.02; done; echo finished`;
      const failing = `while test ! -e ${folder}/begun; do sleep 0.02; done; exit 7`;
      const running = startCli(['exec', '-j', '2', '--halt', `${when},fail=1`]);
      running.child.stdin?.end(`${other}\n${failing}\necho never\n`);
      await running.until(`(--halt ${when},fail=1)`, 'stderr');
      if (when === 'soon') writeFileSync(join(folder, 'go'), '');
      expect(await running.ended).toMatchObject({ stdout: printed, code: 7 });
    }
  });
});

describe('sources', () => {
  const printed = async (args: readonly string[], input = ''): Promise<string> =>
    (await cli(['exec', '-k', '--dry-run', ...args], input)).stdout;

  test('that are linked give their values side by side, as far as both go, and all of that with every other source', async () => {
    expect(await printed(['{1}{2}{3}', ':::', 'a', 'b', ':::+', '1', '2', '3', ':::', 'x', 'y'])).toBe(
      'a1x\na1y\nb2x\nb2y\n',
    );
    expect(await printed(['{1}{2}{3}', ':::', 'a', 'b', ':::', '1', '2', ':::+', 'x'])).toBe('a1x\nb1x\n');
    const file = join(temporaryFolder(), 'values');
    writeFileSync(file, '1\n2\n');
    expect(await printed(['{1}{2}', '::::', '-', '::::+', file], 'a\nb\nc\n')).toBe('a1\nb2\n');
  });

  test('that are blank run nothing with -r', async () => {
    const values = ['echo {}', ':::', 'a', '', ' ', 'b'];
    expect(await printed(values)).toBe("echo a\necho ''\necho ' '\necho b\n");
    expect(await printed(['-r', ...values])).toBe('echo a\necho b\n');
    expect(await printed(['--no-run-if-empty', '{#}{1}{2}', ':::', '', 'a', ':::', '', 'b'])).toBe("1''b\n2a''\n3ab\n");
  });
});

describe('the other options', () => {
  test('--shell has another shell run the commands', async () => {
    const { stdout } = await cli(['exec', '-k', '--shell', '/bin/bash'], '[[ a == a ]] && echo {1..3}');
    expect(stdout).toBe('1 2 3\n');
  });

  test('--timeout takes a unit', async () => {
    const { stderr, code } = await cli(['exec', '--timeout', '0.2s'], 'sleep 1000');
    expect([stderr, code]).toEqual(['pullgraph exec: line 1: timed out\n', 1]);
  });

  test('--retry-failed runs what failed according to the joblog, and nothing else', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'log');
    const values = (last: string) => [`echo {} >> ${folder}/runs; test {} -ne 2`, ':::', '1', '2', last];
    await cli(['exec', '-j', '1', '--joblog', log, ...values('3')]);
    expect((await cli(['exec', '-j', '1', '--joblog', log, '--retry-failed', ...values('4')])).code).toBe(1);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('1\n2\n3\n2\n');
    expect((await cli(['exec', '-j', '1', '--joblog', log, '--resume-failed', ...values('4')])).code).toBe(1);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('1\n2\n3\n2\n2\n4\n');
  });
});

describe('a system without room for a process', () => {
  test('is waited for: with few file descriptors fewer run at once, and all of them run', async () => {
    const folder = temporaryFolder();
    const script = `cd "$F"; ulimit -n 64; yes 'sleep 0.2; echo ok' | head -60 | pullgraph exec -j 60 --joblog log 2>&1`;
    const printed = await inShell(`${script}; echo $?`, { F: folder });
    expect(printed.split('\n')).toEqual([...Array.from({ length: 60 }, () => 'ok'), '0', '']);
    expect(readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n')).toHaveLength(61);
  });

  test('is not taken for the time of a command', async () => {
    const folder = temporaryFolder();
    // Those that begin first stay until their time is over; the others had to wait until then.
    const line = `if test -e "$F/late"; then echo ok; else echo held; trap 'touch "$F/late"' TERM; sleep 1000 & wait; fi`;
    writeFileSync(join(folder, 'lines'), `${line}\n`.repeat(32));
    const printed = await inShell('ulimit -n 64; pullgraph exec -j 32 --timeout 3s "$F/lines" 2> /dev/null', {
      F: folder,
    });
    const lines = printed.trimEnd().split('\n');
    expect(lines).toHaveLength(32);
    expect(new Set(lines)).toEqual(new Set(['held', 'ok']));
  });
});
