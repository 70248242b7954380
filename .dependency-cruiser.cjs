/**
 * The layers of the house, and the owner of their rule: imports go down only, siblings do not import each other, nothing
 * goes in circles. `npm run check:layers` judges types and values alike.
 */

const { existsSync } = require('node:fs');

/** From the bottom to the top; each layer is made of siblings. */
const LAYERS = [
  { name: 'core', folders: ['src/core/'] },
  { name: 'machines', folders: ['machines/'] },
  { name: 'executors-system', folders: ['src/executors/', 'src/system/'] },
  { name: 'runtime', folders: ['src/runtime/'] },
  {
    name: 'inspect-bus-distributed-opentelemetry-progress-shared-folder-store-testing',
    folders: [
      'src/inspect/',
      'src/bus/',
      'src/distributed/',
      'src/opentelemetry/',
      'src/progress/',
      'src/shared-folder/',
      'src/store/',
      'src/testing/',
    ],
  },
  { name: 'index-cli', folders: ['src/index.ts', 'src/cli/'] },
];

for (const { folders } of LAYERS) {
  for (const folder of folders)
    if (!existsSync(folder)) throw new Error(`the layers name ${folder}, which does not exist`);
}

/** A folder or a file as the beginning of a path. @param {string} path */
const at = (path) => `^${path.replaceAll('.', '\\.')}`;

const upward = LAYERS.slice(0, -1).map(({ name, folders }, level) => ({
  name: `no-import-upward-from-${name}`,
  comment: `${folders.join(', ')}: imports go down only`,
  severity: 'error',
  from: { path: folders.map(at) },
  to: { path: LAYERS.slice(level + 1).flatMap((layer) => layer.folders.map(at)) },
}));

const sideways = LAYERS.flatMap(({ folders }) =>
  folders
    .filter(() => folders.length > 1)
    .map((folder) => ({
      name: `no-import-sideways-from-${folder.replace(/\/$/, '').replaceAll('/', '-')}`,
      comment: `${folder}: siblings do not import each other`,
      severity: 'error',
      from: { path: at(folder) },
      to: { path: folders.filter((other) => other !== folder).map(at) },
    })),
);

/** The folders whose worker starts once per thread or process, so that the rule below keeps small what it loads. */
const WORKER_FOLDERS = ['src/executors/threads/', 'src/executors/processes/'];

const workers = WORKER_FOLDERS.map((folder) => ({
  name: `a-worker-loads-little-${folder.split('/')[2]}`,
  comment:
    'What a worker loads is src/core, its own folder and what it shares with other workers, through however many files; of the API of OpenTelemetry it knows the types.',
  severity: 'error',
  from: { path: at(`${folder}worker.ts`) },
  to: {
    path: ['^src/', '^machines/', '^node_modules/'],
    pathNot: ['^src/core/', '^src/executors/remote/', '^node_modules/@opentelemetry/api/', at(folder)],
    reachable: true,
  },
}));

/** The rooms of the bus: client and server share the protocol and nothing else, and the protocol knows neither. */
const BUS_ROOMS = { client: ['server'], server: ['client'], protocol: ['client', 'server'] };

const busRooms = Object.entries(BUS_ROOMS).map(([room, forbidden]) => ({
  name: `no-import-across-the-bus-from-${room}`,
  comment: `src/bus/${room}/ imports nothing of ${forbidden.join(' or ')}; what both sides need belongs to the protocol.`,
  severity: 'error',
  from: { path: at(`src/bus/${room}/`) },
  to: { path: forbidden.map((other) => at(`src/bus/${other}/`)) },
}));

/** The packages whose code scripts/build.mjs puts into dist. */
const BUNDLED = ['execa', 'valibot'];

module.exports = {
  forbidden: [
    ...upward,
    ...sideways,
    ...workers,
    {
      name: 'no-circular',
      comment: 'Not by types either: a circle is one concept in two files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-file-has-its-layer',
      comment: 'A file outside the layers would be free of all their rules.',
      severity: 'error',
      from: { path: ['^src/', '^machines/'], pathNot: LAYERS.flatMap((layer) => layer.folders.map(at)) },
      to: {},
    },
    {
      name: 'no-import-of-a-file-without-layer',
      comment: 'The other side of the rule above; it also keeps tests, examples and tools out of the product.',
      severity: 'error',
      from: { path: ['^src/', '^machines/'] },
      to: {
        path: '^(?!node_modules/)',
        pathNot: LAYERS.flatMap((layer) => layer.folders.map(at)),
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'core-is-pure',
      comment: 'src/core imports src/core: nothing of Node, no package, not even a type of one.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'machines-need-xstate-and-core',
      comment: 'machines/ decides and does no I/O: it imports xstate, src/core and its own.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '^src/core/', '^node_modules/xstate/'] },
    },
    {
      name: 'only-the-runtime-runs-machines',
      comment: 'Elsewhere a type of xstate is welcome, the running of it is not, but for the steps that are explored.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/runtime/', '^src/testing/explore/chart-steps\\.ts$'] },
      to: { path: '^node_modules/xstate/', dependencyTypesNot: ['type-only'] },
    },
    ...busRooms,
    {
      name: 'the-page-knows-only-the-protocol',
      comment:
        'What the page of the inspector shows came over the wire; of the product it imports the wire protocol alone.',
      severity: 'error',
      from: { path: '^inspector/' },
      to: { path: ['^src/', '^machines/', '^test/'], pathNot: '^src/inspect/protocol/' },
    },
    {
      name: 'the-model-of-the-page-is-pure',
      comment:
        'What is derived and drawn is tested without a browser: it imports neither the views nor what makes them.',
      severity: 'error',
      from: { path: '^inspector/src/(model|draw)/' },
      to: { pathNot: ['^inspector/src/(model|draw)/', '^src/inspect/protocol/'] },
    },
    {
      name: 'no-undeclared-package',
      comment: 'What the product imports is a peer of it or bundled with it, not a tool of this repository.',
      severity: 'error',
      from: { path: ['^src/', '^machines/'] },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'],
        pathNot: BUNDLED.map((name) => `^node_modules/${name}/`),
      },
    },
    {
      name: 'no-unresolvable',
      comment: 'The benchmark imports the built package, which need not be there.',
      severity: 'error',
      from: { path: ['^src/', '^machines/'] },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
    skipAnalysisNotInRules: true,
  },
};
