/** The files of the page: those of one folder, by their exact names. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PageFiles } from '../../src/inspect/server/page-files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

test('the files of the built page are served by their exact names, with their types', async () => {
  const folder = temporaryFolder();
  const page = join(folder, 'inspector');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(page, 'index.html'), '<p>page');
  writeFileSync(join(page, 'assets', 'index-1.js'), 'run()');
  writeFileSync(join(page, 'assets', 'index-1.js.map'), '{}');
  symlinkSync(join(folder, 'secret.txt'), join(page, 'link.txt'));
  const files = new PageFiles(page);
  expect(await files.at('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  expect(String((await files.at('/assets/index-1.js'))?.body)).toBe('run()');
  const strangers = ['/assets', '/assets/', '/../secret.txt', '/assets/../index.html', '//index.html', '', '/link.txt'];
  for (const path of [...strangers, '/assets/index-1.js.map', '/assets\\index-1.js', '/%69ndex.html', '/__proto__']) {
    expect([path, await files.at(path)]).toEqual([path, undefined]);
  }
});

test('a page that is not built says what to do, until it is', async () => {
  const page = join(temporaryFolder(), 'inspector');
  const files = new PageFiles(page);
  expect(await files.at('/')).toMatchObject({ status: 503, body: expect.stringContaining('npm run build') as string });
  expect(await files.at('/index.html')).toBeUndefined();
  mkdirSync(page);
  writeFileSync(join(page, 'index.html'), '<p>page');
  expect(await files.at('/')).toMatchObject({ status: 200 });
});
