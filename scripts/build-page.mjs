/**
 * Builds the page of the inspector into dist/inspector: one HTML file, and under assets/ its script, its style and the worker that
 * makes layouts, each with a hash in its name. Everything is in files of its own, as the page's policy (`default-src 'self'`) asks.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages whose code is in the page; their notices go along. */
const BUNDLED = [
  'preact',
  '@preact/signals',
  '@preact/signals-core',
  'uplot',
  '@tanstack/virtual-core',
  '@dagrejs/dagre',
];

/** @type {import('vite').Plugin} */
const notices = {
  name: 'notices',
  generateBundle() {
    const texts = BUNDLED.map((name) => `${name}\n\n${readFileSync(`${root}node_modules/${name}/LICENSE`, 'utf8')}`);
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: texts.join('\n\n---\n\n') });
  },
};

/**
 * The package says that none of its modules does anything by being imported. This one does.
 *
 * @type {import('vite').Plugin}
 */
const kept = {
  name: 'kept',
  transform: {
    filter: { id: /\/app\/language\.ts$/ },
    handler: (code) => ({ code, map: null, moduleSideEffects: true }),
  },
};

export async function buildPage() {
  await build({
    configFile: false,
    root: `${root}inspector`,
    base: './',
    logLevel: 'warn',
    publicDir: false,
    plugins: [notices, kept],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es' },
    build: {
      outDir: `${root}dist/inspector`,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
