/** A folder that fails under the work: removed, replaced, read-only, immutable, full. The faults are real ones. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Queue, Scheduler } from '../../src/index.js';
import { type SharedFolder, sharedFolder, type SharedFolderOptions } from '../../src/shared-folder/index.js';
import { Gate } from '../support/gate.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { namesIn } from './names-in.js';
import { begunTask } from './participant.js';

/** What happens to a folder, and how it is undone. */
interface Fault {
  readonly code: string;
  /** A folder that it can happen to. */
  readonly make: () => string;
  readonly begin: (path: string) => void;
  readonly end: (path: string) => void;
}

const succeeds = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** A file system of its own, in memory. */
function mounted(): string {
  const path = mkdtempSync(join(tmpdir(), 'pullgraph-mount-'));
  run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'pullgraph-test', path);
  onTestFinished(() => {
    run('umount', '-l', path);
    rmSync(path, { recursive: true });
  });
  return path;
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'pullgraph-mount-'));
  const can = succeeds('mount', '-t', 'tmpfs', 'pullgraph-test', path);
  if (can) run('umount', '-l', path);
  rmSync(path, { recursive: true });
  return can;
}

function canBeImmutable(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'pullgraph-immutable-'));
  const can = succeeds('chattr', '+i', path);
  if (can) run('chattr', '-i', path);
  rmSync(path, { recursive: true });
  return can;
}

const aside = (path: string): string => `${path}-aside`;

const vanishes: Fault = {
  code: 'ENOENT',
  make: temporaryFolder,
  begin: (path) => renameSync(path, aside(path)),
  end: (path) => renameSync(aside(path), path),
};

const isReplaced: Fault = {
  code: 'ENOTDIR',
  make: temporaryFolder,
  begin: (path) => {
    renameSync(path, aside(path));
    writeFileSync(path, '');
  },
  end: (path) => {
    rmSync(path);
    renameSync(aside(path), path);
  },
};

const isImmutable: Fault = {
  code: 'EPERM',
  make: () => {
    const path = temporaryFolder();
    onTestFinished(() => run('chattr', '-i', path));
    return path;
  },
  begin: (path) => run('chattr', '+i', path),
  end: (path) => run('chattr', '-i', path),
};

const isReadOnly: Fault = {
  code: 'EROFS',
  make: mounted,
  begin: (path) => run('mount', '-o', 'remount,ro', path),
  end: (path) => run('mount', '-o', 'remount,rw', path),
};

const isForbidden: Fault = {
  code: 'EACCES',
  make: temporaryFolder,
  begin: (path) => chmodSync(path, 0o555),
  end: (path) => chmodSync(path, 0o755),
};

const isFull: Fault = {
  code: 'ENOSPC',
  make: mounted,
  begin: (path) => {
    const { bfree, bsize } = statfsSync(path);
    writeFileSync(join(path, 'filling'), Buffer.alloc(bfree * bsize));
  },
  end: (path) => rmSync(join(path, 'filling')),
};

const isRoot = process.getuid?.() === 0;
const mountable = canMount();
const faults: readonly (readonly [string, Fault])[] = [
  ['vanishes', vanishes],
  ['is replaced by a file', isReplaced],
  ...(canBeImmutable() ? [['becomes immutable', isImmutable] as const] : []),
  ...(mountable ? [['becomes read-only', isReadOnly] as const, ['is full', isFull] as const] : []),
  ...(isRoot ? [] : [['is forbidden to write', isForbidden] as const]),
];

interface Participant {
  readonly scheduler: Scheduler;
  readonly shared: SharedFolder;
  readonly queue: Queue;
}

function participant(path: string, options: SharedFolderOptions = {}): Participant {
  const scheduler = new Scheduler();
  onTestFinished(() => scheduler.terminate());
  const shared = sharedFolder(path, { checkMs: 20, beatMs: 600_000, expireMs: 1_200_000, patienceMs: 0, ...options });
  const queue = scheduler.queue('work', shared.over({ concurrency: 2 }));
  scheduler.start();
  return { scheduler, shared, queue };
}

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('expected it to fail'),
    (error: unknown) => error,
  );

describe.each(faults)('a folder that %s', (_, fault) => {
  test('fails the task whose result it does not take, and the result is published later', async () => {
    const path = fault.make();
    const { shared, queue } = participant(path);
    const gate = new Gate<string>();
    const handle = await begunTask(queue, 'a', gate);
    fault.begin(path);
    gate.open('the result');
    expect(await errorOf(handle.result())).toMatchObject({ code: 'FolderUnavailable', cause: { code: fault.code } });
    expect(shared.unpublished).toEqual(['a']);
    await expect(shared.publish()).rejects.toMatchObject({ code: 'FolderUnavailable' });
    expect(shared.unpublished).toEqual(['a']);

    fault.end(path);
    await shared.publish();
    expect(shared.unpublished).toEqual([]);
    const other = participant(path).queue.submit({ id: 'a' }, (): string => expect.unreachable('ran twice'));
    expect(await other.result()).toBe('the result');
    expect(namesIn(path, 'temp-')).toEqual([]);
  });

  test('gives a kept result to a task that is submitted again, without running it again', async () => {
    const path = fault.make();
    const { queue } = participant(path);
    const gate = new Gate<string>();
    const handle = await begunTask(queue, 'a', gate);
    fault.begin(path);
    gate.open('the result');
    await errorOf(handle.result());
    fault.end(path);
    expect(await queue.submit({ id: 'a' }, (): string => expect.unreachable('ran twice')).result()).toBe('the result');
  });

  test('fails every task that it lets nobody claim; none of them runs, and none is left over', async () => {
    const path = fault.make();
    const { scheduler, queue } = participant(path);
    await queue.submit({ id: 'before' }, () => 1).result();
    fault.begin(path);
    const handles = Array.from({ length: 20 }, (__, n) =>
      queue.submit({ id: `task ${n}` }, () => expect.unreachable('ran')),
    );
    for (const handle of handles) {
      expect(await errorOf(handle.result())).toMatchObject({ code: 'FolderUnavailable', cause: { code: fault.code } });
    }
    await scheduler.wait();
    fault.end(path);
    expect(await queue.submit({ id: 'task 0' }, () => 'again').result()).toBe('again');
  });

  test('is waited for, so that nothing fails when it comes back in time', async () => {
    const path = fault.make();
    const { queue } = participant(path, { patienceMs: 600_000 });
    const witness = participant(path);
    const gate = new Gate<string>();
    const handle = await begunTask(queue, 'a', gate);
    fault.begin(path);
    gate.open('the result');
    const next = queue.submit({ id: 'b' }, () => 'another');
    // When the folder has refused a third one, which does not wait, it has been asked by the others too.
    expect(await errorOf(witness.queue.submit({ id: 'c' }, () => 1).result())).toMatchObject({
      code: 'FolderUnavailable',
    });
    fault.end(path);
    expect(await Promise.all([handle.result(), next.result()])).toEqual(['the result', 'another']);
  });
});

test('a wait for somebody else ends with the folder', async () => {
  const path = temporaryFolder();
  const [one, other] = [participant(path), participant(path, { beatMs: 20, expireMs: 40 })];
  const gate = new Gate();
  await begunTask(one.queue, 'a', gate);
  const waiting = other.queue.submit({ id: 'a' }, () => gate.promise);
  rmSync(path, { recursive: true });
  expect(await errorOf(waiting.result())).toMatchObject({ code: 'FolderUnavailable', cause: { code: 'ENOENT' } });
  gate.open();
});

test('a folder that is emptied under the work does not keep it from its end', async () => {
  const path = temporaryFolder();
  const { queue } = participant(path);
  const handle = queue.submit({ id: 'a' }, () => {
    rmSync(path, { recursive: true });
    mkdirSync(path);
    return 'the result';
  });
  expect(await handle.result()).toBe('the result');
});
