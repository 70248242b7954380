/** Stores in trouble with the system: a disk that is full or read-only, and a file that another process uses. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Scheduler } from 'pullgraph';
import { sqliteStore } from 'pullgraph/store';
import { expect, onTestFinished, test } from 'vitest';
import { refusalOf } from '../support/refusal.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('./fixtures/disk-program.js', import.meta.url));
const HOLDER = fileURLToPath(new URL('./fixtures/holder-program.js', import.meta.url));

/** Whether a disk of one's own can be had, as root or by a namespace of the user's. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs "$0"', temporaryFolder()]);
    return true;
  } catch {
    return false;
  }
}

/** Runs the program, each time it is named by `script`, as `$NODE "$PROGRAM" "$DISK" …`. Returns what it prints, line by line. */
async function onDisk(script: string, isMounted: boolean): Promise<unknown[]> {
  const env = { ...process.env, NODE: process.execPath, PROGRAM, DISK: temporaryFolder() };
  const command = isMounted ? ['unshare', '--map-root-user', '--mount', 'sh', '-c', script] : ['sh', '-c', script];
  onTestFinished(() => chmodSync(env.DISK, 0o700));
  const { stdout } = await promisify(execFile)(command[0] ?? '', command.slice(1), { env });
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

test('a full disk fails no task, flush() says so, and all is committed when there is room again', async () => {
  const isMounted = canMount();
  const small = 'mount -t tmpfs -o size=4m tmpfs "$DISK" && "$NODE" "$PROGRAM" "$DISK" full';
  const [told] = await onDisk(isMounted ? small : '"$NODE" "$PROGRAM" "$DISK" pages', isMounted);
  expect(told).toMatchObject({ right: 100, rightAgain: 100 });
  expect(told).toHaveProperty(
    'flush',
    expect.stringMatching(/^StoreUnavailable: the store .*run\.db cannot be used: the disk is full$/),
  );
});

test('a store that cannot be written is refused, whether it is there or not', async () => {
  const isMounted = canMount();
  const lock = isMounted ? 'mount -o remount,ro "$DISK"' : 'chmod -R a-w "$DISK"';
  const unlock = isMounted ? 'mount -o remount,rw "$DISK"' : 'chmod u+w "$DISK"';
  const steps = [
    isMounted ? 'mount -t tmpfs tmpfs "$DISK"' : 'true',
    lock,
    '"$NODE" "$PROGRAM" "$DISK" read-only',
    unlock,
    '"$NODE" "$PROGRAM" "$DISK" pages',
    lock,
    '"$NODE" "$PROGRAM" "$DISK" read-only',
  ];
  const [absent, made, present] = await onDisk(steps.join(' && '), isMounted);
  expect(absent).toMatch(/^StoreUnavailable: .* it cannot be opened; its folder must be there, and be writable$/);
  expect(made).toMatchObject({ rightAgain: 100 });
  expect(present).toMatch(/^StoreUnavailable: .* it cannot be written$/);
});

test('a store that a process uses is refused to others by the id of that process, until it is killed', async () => {
  const file = join(temporaryFolder(), 'run.db');
  const holder = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  const ended = once(holder, 'exit');
  await once(holder.stdout, 'data');
  const error = refusalOf(() => new Scheduler({ store: sqliteStore(file) }));
  expect([error.code, error.message]).toEqual([
    'StoreInUse',
    expect.stringContaining(`is in use by process ${holder.pid}`),
  ]);
  holder.kill('SIGKILL');
  await ended;
  const scheduler = new Scheduler({ store: sqliteStore(file) });
  // What the holder has committed is there, and what it had begun is not.
  const queue = scheduler.queue('q');
  expect(queue.submit({ key: 'kept', version: 1 }, Number, '1').state).toBe('done');
  expect(queue.submit({ key: 'begun', version: 1 }, Number, '2').why().notRestored).toBe('no record');
  await scheduler.terminate();
});

test('of processes that open a store at the same time, one has it and the others are refused', async () => {
  const file = join(temporaryFolder(), 'run.db');
  const holders = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, [HOLDER, file], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return once(child.stdout, 'data').then((chunk) => String(chunk).trim());
  });
  const told = (await Promise.all(holders)).sort();
  expect(told).toEqual(['StoreInUse', 'StoreInUse', 'StoreInUse', 'open']);
});
