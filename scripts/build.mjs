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
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { builtinModules, isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { rolldown } from 'rolldown';
import { esmExternalRequirePlugin } from 'rolldown/plugins';
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

/** The package of which a user has one minified file instead of some 130, which take three times as long to load. */
const IN_ONE_FILE = 'execa';
const ONE_FILE = `chunks/${IN_ONE_FILE}.js`;

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

/** @type {import('rolldown').Plugin} */
const packageByPath = {
  name: 'package-by-path',
  resolveId: (name) => (name === IN_ONE_FILE ? { id: name, external: true } : null),
  renderChunk(code, { fileName }) {
    const name = `import("${IN_ONE_FILE}")`;
    if (!code.includes(name)) return null;
    return { code: code.replaceAll(name, `import("./${relative(dirname(fileName), ONE_FILE)}")`), map: null };
  },
};

/** Returns the modules that are in the file. */
async function buildPackage() {
  // Without the plugin, what it requires of Node would depend on `import.meta`, which a bundle in CommonJS does not have.
  const plugins = [esmExternalRequirePlugin({ external: [...builtinModules] })];
  const bundle = await rolldown({ cwd: root, input: IN_ONE_FILE, platform: 'node', plugins });
  const { output } = await bundle.write({ dir: 'dist', format: 'esm', entryFileNames: ONE_FILE, minify: true });
  await bundle.close();
  return modulesOf(output);
}

/** @param {import('rolldown').RolldownOutput['output']} output */
function modulesOf(output) {
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

/** The notices of the packages whose code is among the modules, each text once. @param {readonly string[]} modules */
function noticesOf(modules) {
  const folders = new Set(modules.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  /** @type {Map<string, Set<string>>} */
  const names = new Map();
  for (const folder of [...folders].sort()) {
    const file = readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
    if (file === undefined) throw new Error(`expected a licence in ${folder}`);
    const text = readFileSync(join(folder, file), 'utf8').trim();
    names.set(text, (names.get(text) ?? new Set()).add(folder.replace(/^.*\/node_modules\//, '')));
  }
  return [...names].map(([text, those]) => `${[...those].join(', ')}\n\n${text}\n`).join('\n---\n\n');
}

/** Returns the modules that are in the code. */
async function buildOwnCode() {
  const bundle = await rolldown({
    cwd: root,
    input: inputOf([...LIBRARY, COMMAND, ...WORKERS.values()]),
    platform: 'node',
    external: isExternal,
    tsconfig: 'tsconfig.build.json',
    plugins: [packageByPath, workersByPath, mapsOfLines],
  });
  const { output } = await bundle.write({
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // The docstrings are in the declarations, where editors look for them.
    comments: { jsdoc: false },
    sourcemap: true,
  });
  await bundle.close();
  return modulesOf(output);
}

async function buildCode() {
  const modules = [...(await buildOwnCode()), ...(await buildPackage())];
  writeFileSync('dist/chunks/LICENSES.txt', noticesOf(modules));
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
