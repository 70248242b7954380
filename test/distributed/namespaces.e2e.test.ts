/** As line-cut.e2e.test.ts, with virtual network cards between namespaces, where the machine allows them. */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { SKIPS_REDIS } from './redis-server.js';

test.skipIf(SKIPS_REDIS)('a worker in a network of its own, cut off and joined again, delivers nothing', async () => {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
  } catch {
    process.stdout.write('no network namespaces can be made here; line-cut.e2e.test.ts cuts a proxy instead\n');
    return;
  }
  const program = fileURLToPath(new URL('./fixtures/in-namespaces.js', import.meta.url));
  const { stdout } = await promisify(execFile)('unshare', ['-n', process.execPath, program, temporaryFolder()]);
  expect(JSON.parse(stdout)).toEqual({ result: 2, lines: ['begun 1', 'begun 2', 'aborted 1', 'ended 2'] });
});
