/**
 * Packs the package once, without network, and lets publint and attw judge that very tarball: what is published is what
 * was checked. Expects a fresh build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHECKS = [
  ['publint', 'run', '--strict'],
  ['attw', '--profile', 'esm-only', '--no-definitely-typed'],
];

// On Windows both are command files, which only a shell starts.
const shell = process.platform === 'win32';
const folder = mkdtempSync(join(tmpdir(), 'pullgraph-pack-'));
try {
  // The scripts are left out because the build has run, and a second one would be of another tree.
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    encoding: 'utf8',
    shell,
  });
  const tarball = join(folder, JSON.parse(packed)[0].filename);
  const failed = CHECKS.filter(([tool, ...options]) => {
    const { status } = spawnSync('npx', ['--no-install', tool ?? '', ...options, tarball], { stdio: 'inherit', shell });
    return status !== 0;
  });
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
