/**
 * Builds dist: one JavaScript file and one declaration file per entry of the package, the chunks that they share, and the page of
 * the inspector. Bundled,
 * the package is read from a few dozen files instead of two hundred, and what no entry exports is not in it.
 *
 * An entry stands in dist where its source stands in the repository: that is how the compiler finds the source of what the
 * package's "exports" name. Source maps tell file and line and do not hold the sources: the code is not minified, and a second
 * copy of it would double the package.
 *
 * Usage: node scripts/build.mjs [--code]; with `--code` without the declarations, which nothing needs that runs here.
 */
import { copyFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, relative } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { rolldown } from 'rolldown';
import { buildPage } from './build-page.mjs';
import { clean } from './clean.mjs';
import { manifest } from './manifest.mjs';

/** What a user imports, as package.json's "exports" name it. */
const LIBRARY = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1')],
);

/** What is started by the name of its file: the command, and each worker by the module that stands beside it. */
const COMMAND = manifest.bin.pullgraph.replace(/^\.\/dist\/(.*)\.js$/, '$1');
const WORKERS = new Map([
  ['src/executors/threads/worker-pool.ts', 'src/executors/threads/worker'],
  ['src/executors/processes/worker-process.ts', 'src/executors/processes/worker'],
]);

const root = fileURLToPath(new URL('..', import.meta.url));
const peers = Object.keys(manifest.peerDependencies);

/** Whether a user installs what is imported by this name, or has it with Node. @param {string} name */
const isExternal = (name) => isBuiltin(name) || peers.some((peer) => name === peer || name.startsWith(`${peer}/`));

/** @param {readonly string[]} entries */
const inputOf = (entries) => Object.fromEntries(entries.map((entry) => [entry, `${entry}.ts`]));

/**
 * In the source a worker's file stands beside the module that starts it; in dist that module is part of some chunk. The name
 * is marked in the module, and becomes the path from the chunk when it is known where that is.
 *
 * @type {import('rolldown').Plugin}
 */
const workersByPath = {
  name: 'workers-by-path',
  transform(code, id) {
    const worker = WORKERS.get(relative(root, id));
    if (worker === undefined) return null;
    if (!code.includes(`'./worker.js'`)) throw new Error(`${id}: expected the name of its worker, './worker.js'`);
    return { code: code.replace(`'./worker.js'`, `'worker:${worker}.js'`), map: null };
  },
  renderChunk(code, { fileName }) {
    if (!code.includes('"worker:')) return null;
    const placed = code.replaceAll(/"worker:(.*?)"/g, (_, worker) => `"./${relative(dirname(fileName), worker)}"`);
    // What it moves is the rest of one line.
    return { code: placed, map: null };
  },
};

/**
 * Leaves in a source map what a stack trace of code that is not minified is told by: the file and the line.
 *
 * @type {import('rolldown').Plugin}
 */
const mapsOfLines = {
  name: 'maps-of-lines',
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'asset' || !file.fileName.endsWith('.map')) continue;
      const { sourcesContent: _content, ...map } = JSON.parse(String(file.source));
      const lines = decode(map.mappings).map((segments) => segments.filter(beginsLine));
      file.source = JSON.stringify({ ...map, names: [], mappings: encode(lines) });
    }
  },
};

/**
 * Whether code of another line than before begins at the segment, as (column, source, line, …).
 *
 * @param {import('@jridgewell/sourcemap-codec').SourceMapSegment} segment @param {number} index
 * @param {import('@jridgewell/sourcemap-codec').SourceMapLine} segments
 */
function beginsLine([, source, line], index, segments) {
  const [, sourceBefore, lineBefore] = segments[index - 1] ?? [];
  return source !== sourceBefore || line !== lineBefore;
}

async function buildCode() {
  const bundle = await rolldown({
    cwd: root,
    input: inputOf([...LIBRARY, COMMAND, ...WORKERS.values()]),
    platform: 'node',
    external: isExternal,
    tsconfig: 'tsconfig.build.json',
    plugins: [workersByPath, mapsOfLines],
  });
  await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // The docstrings are in the declarations, where editors look for them.
    comments: { jsdoc: false },
    sourcemap: true,
  });
  await bundle.close();
  // The one package whose code is part of ours.
  copyFileSync(`${root}node_modules/valibot/LICENSE.md`, `${root}dist/chunks/valibot.LICENSE.md`);
}

async function buildDeclarations() {
  const { rollup } = await import('rollup');
  const { dts } = await import('rollup-plugin-dts');
  const bundle = await rollup({
    input: inputOf(LIBRARY),
    external: isExternal,
    plugins: [dts({ tsconfig: 'tsconfig.build.json', includeExternal: ['valibot'] })],
    // Some types are shared by entries and exported by none: they are there for the compiler, not to be imported.
    onLog: (level, log, handle) => {
      if (log.plugin !== 'dts' || !log.message.includes('references private shared type')) handle(level, log);
    },
  });
  await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].d.ts',
    chunkFileNames: 'chunks/[name]-[hash].d.ts',
    // The names of the source are what go-to-definition shows.
    minifyInternalExports: false,
  });
  await bundle.close();
}

process.chdir(root);
clean();
await buildCode();
await buildPage();
if (!process.argv.includes('--code')) await buildDeclarations();
