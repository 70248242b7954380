/** What holds for a whole process while a function of it takes no notice of being told to end. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a function that does not end gives its slot to the next when its grace is over, though nothing else keeps the process alive', async () => {
  const program = fileURLToPath(new URL('./fixtures/endless-program.js', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  expect(stdout).toBe('the next\n');
});
