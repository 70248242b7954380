/**
 * Packs the package once, without network, and judges that very tarball: what is published is what was checked. It is no larger
 * than it may be, its README leads nowhere outside, publint and attw find nothing, its types resolve in every way in which a
 * user can import them, and it runs beside xstate alone. Expects a fresh build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consumerFaults } from './package-consumers.mjs';
import { linkFaults } from './package-links.mjs';

const MOST_PACKED_BYTES = 710_000;

const TOOLS = [
  ['publint', 'run', '--strict'],
  ['attw', '--profile', 'esm-only', '--no-definitely-typed'],
];

// On Windows these are command files, which only a shell starts.
const shell = process.platform === 'win32';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pullgraph-pack-')));
try {
  // The scripts are left out because the build has run, and a second one would be of another tree.
  const options = ['--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', ['pack', ...options], { encoding: 'utf8', shell }));
  const tarball = join(folder, packed.filename);
  const faults = TOOLS.flatMap(([tool = '', ...args]) => {
    const { status } = spawnSync('npx', ['--no-install', tool, ...args, tarball], { stdio: 'inherit', shell });
    return status === 0 ? [] : [`${tool} has found something`];
  });
  if (packed.size > MOST_PACKED_BYTES) {
    faults.push(`expected at most ${MOST_PACKED_BYTES} bytes packed, got ${packed.size}`);
  }
  /** @type {{ path: string }[]} */
  const files = packed.files;
  faults.push(...linkFaults(files.map(({ path }) => path)), ...consumerFaults(tarball, folder));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${packed.size} bytes in ${files.length} files; imports and types hold beside xstate alone`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
