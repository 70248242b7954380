/** `pullgraph run --inspect` and `pullgraph exec --inspect`, as processes; and a program that inspects and ends by itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cli, type RunningCli, startCli } from '../support/cli.js';
import { Page } from '../support/inspector-page.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ADDRESS = /inspect at (http:\/\/127\.0\.0\.1:\d+\/#token=[\da-f]{32})\n/;

/** The address that the command has printed. */
async function addressOf(running: RunningCli): Promise<string> {
  let printed = '';
  running.child.stderr?.on('data', (text: string) => {
    printed += text;
  });
  await running.until('inspect at', 'stderr');
  return ADDRESS.exec(printed)?.[1] ?? '';
}

describe('--inspect', () => {
  test('shows a run to a page, and ends with the run where there is no terminal', async () => {
    const file = join(temporaryFolder(), 'main.mjs');
    writeFileSync(
      file,
      `import { once } from 'node:events';
      export default async (scheduler, args) => {
        const work = scheduler.queue('work');
        work.submit({ id: 'wait' }, () => once(process.stdin, 'data').then(() => process.stdin.destroy()));
        console.log(args.join());
      };`,
    );
    const running = startCli(['run', '--inspect', '--inspect-control', file, 'one', '--', '--inspect=two']);
    const page = await Page.open(await addressOf(running));
    await page.until(() => page.counts()['running'] === 1);
    expect(page.last('hello')?.control).toBe(true);
    expect(page.ids.get(1)).toBe('wait');
    running.child.stdin?.end('go\n');
    const { code, stdout } = await running.ended;
    expect([code, stdout]).toEqual([0, 'one,--inspect=two\n']);
  });

  test('shows the commands of exec', async () => {
    const running = startCli(['exec', '--inspect', '--halt', 'never', 'read line; echo {}', ':::', 'a', '--inspect=b']);
    await addressOf(running);
    running.child.stdin?.end();
    expect((await running.ended).stdout.split('\n').toSorted()).toEqual(['', '--inspect=b', 'a']);
  });

  test('says what is wrong with the port', async () => {
    const running = startCli(['exec', '--inspect', 'sleep 60; echo {}', ':::', 'a']);
    const { port } = new URL(await addressOf(running));
    const second = await cli(['exec', `--inspect=${port}`, 'true', ':::', 'a']);
    expect(second).toMatchObject({ code: 255, stderr: expect.stringContaining('EADDRINUSE') as string });
    running.child.kill('SIGKILL');
    await running.ended;
  });

  test('an inspector keeps no process alive', async () => {
    const file = fileURLToPath(new URL('../inspect/fixtures/ends-by-itself.js', import.meta.url));
    const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const page = await Page.open(url.trim());
    await page.until(() => page.last('totals') !== undefined);
    child.stdin.end('go');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
