/**
 * Runs what concerns XState in the tests with other versions of it than the installed one: the oldest and the newest that the
 * range of the peer dependency allows, or those that are named. Needs the registry.
 *
 * Usage: node scripts/compat.mjs [version or tag …]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifest } from './manifest.mjs';

/** Where actors, statecharts and XState's own interpreter are tested. */
const SUITE = ['test/actors', 'test/runtime', 'test/order/vectors.test.ts'];

// On Windows npm and npx are command files, which only a shell starts.
const shell = process.platform === 'win32';

/** The ends of the range, as the registry has them: published versions come in the order of their numbers. */
function endsOfRange() {
  const range = manifest.peerDependencies['xstate'] ?? '';
  const view = execFileSync('npm', ['view', `xstate@${range}`, 'version', '--json'], { encoding: 'utf8', shell });
  /** @type {string[]} */
  const versions = JSON.parse(view);
  const ends = [versions[0], versions.at(-1)].filter((version) => version !== undefined);
  if (ends.length < 2) throw new Error(`expected versions of xstate in ${range}, got ${view}`);
  return ends;
}

/** Whether the tests pass with that version. @param {string} wanted */
function passesWith(wanted) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pullgraph-xstate-')));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', `xstate@${wanted}`], { cwd: folder, shell });
    const home = join(folder, 'node_modules/xstate');
    const { version, exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    console.log(`xstate ${version}`);
    const env = { ...process.env, PULLGRAPH_XSTATE: join(home, exports['.'].import) };
    const options = ['--no-install', 'vitest', 'run', '--project=unit', '--typecheck.enabled=false', ...SUITE];
    const { status } = spawnSync('npx', options, { env, stdio: 'inherit', shell });
    return { version, passes: status === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [...named] = process.argv.slice(2);
const results = (named.length > 0 ? named : endsOfRange()).map(passesWith);
for (const { version, passes } of results) console.log(`xstate ${version}: ${passes ? 'passes' : 'fails'}`);
if (results.some(({ passes }) => !passes)) process.exitCode = 1;
