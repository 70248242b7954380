/** The viewer's page, bundled: the receiver and the parts of XState 4 that it needs, with the notices of their licences. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type { PageFiles } from './viewer-server.js';

const at = (path: string): string => fileURLToPath(new URL(`../page/${path}`, import.meta.url));

/** Whose code is in the bundle. @xstate/inspect is published from XState's repository, under XState's licence. */
const BUNDLED = ['xstate', 'fast-safe-stringify'];

/** Takes a moment: the script is bundled anew. */
export async function pageFiles(): Promise<PageFiles> {
  const bundle = await rolldown({ input: at('page.ts'), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true, banner: notices() });
  await bundle.close();
  return {
    '/': { type: 'text/html; charset=utf-8', text: readFileSync(at('index.html'), 'utf8') },
    '/page.css': { type: 'text/css; charset=utf-8', text: readFileSync(at('page.css'), 'utf8') },
    '/page.js': { type: 'text/javascript; charset=utf-8', text: output[0].code },
  };
}

function notices(): string {
  const inspector = createRequire(createRequire(import.meta.url).resolve('@xstate/inspect'));
  const texts = BUNDLED.map((name) => {
    const folder = inspector.resolve(name).replace(new RegExp(`(.*node_modules/${name}/).*`), '$1');
    return `${name}${name === 'xstate' ? ' and @xstate/inspect' : ''}\n${readFileSync(`${folder}LICENSE`, 'utf8').trim()}`;
  });
  return `/*!\n${texts.join('\n\n').replaceAll('*/', '* /')}\n*/`;
}
