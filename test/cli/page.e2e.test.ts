/**
 * Runs what the pages with commands show: their files are written, their shell blocks run one after the other in one folder,
 * and what they print is what the page says.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { COMMAND } from '../support/cli.js';
import { fencedBlocks } from '../support/fenced-blocks.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PAGES = ['command-line.md', 'shared-folder.md'];

/** A folder whose `npx pullgraph` is the command of this checkout. */
function folderOfCommands(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  chmodSync(join(folder, 'npx'), 0o755);
  return folder;
}

test.each(PAGES)('the shell lines of docs/%s do what the page says', async (name) => {
  const page = fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  const folder = join(temporaryFolder(), 'page');
  mkdirSync(folder);
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, PATH: `${folderOfCommands()}${delimiter}${inherited['PATH'] ?? ''}` };
  let printed: string | undefined;
  let compared = 0;
  for (const { language, marks, code, line } of fencedBlocks(page, readFileSync(page, 'utf8'))) {
    const file = marks.find((mark) => mark.startsWith('file='))?.slice('file='.length);
    if (file !== undefined) {
      writeFileSync(join(folder, file), code);
    } else if (language === 'sh') {
      printed = (await promisify(execFile)('/bin/sh', ['-c', code], { cwd: folder, env })).stdout;
    } else if (marks.includes('prints')) {
      expect(printed, `line ${line}`).toBe(code);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(0);
});
