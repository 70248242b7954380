/** Several real processes on one folder, some of which die or are stopped in the middle of a task. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { SharedFolderOptions } from 'pullgraph/shared-folder';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('./fixtures/participant.js', import.meta.url));

const PARTS = Array.from({ length: 12 }, (_, index) => `part ${index}`);
const TASKS = [...PARTS, 'all'];

/** Gives up nobody within the time of a test. */
const PATIENT: SharedFolderOptions = { checkMs: 50, beatMs: 200, expireMs: 600_000 };

/** Gives up those that are silent for a moment; on a busy computer that may be somebody who is well. */
const HASTY: SharedFolderOptions = { checkMs: 50, beatMs: 100, expireMs: 1_500, takeovers: 1_000 };

interface Work {
  readonly path: string;
  readonly log: string;
}

function newWork(): Work {
  return { path: temporaryFolder(), log: join(temporaryFolder(), 'runs') };
}

interface Participant {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly begun: Promise<void>;
  /** All results; rejects when the process ends without. */
  readonly results: Promise<readonly string[]>;
}

function start({ path, log }: Work, options: SharedFolderOptions, waitIn?: string): Participant {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = [PROGRAM, path, log, JSON.stringify(options)];
  const child = spawn(process.execPath, waitIn === undefined ? args : [...args, waitIn], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('begun\n')) resolve();
    });
  });
  const results = once(child, 'close').then(() => {
    const line = stdout.split('\n').at(-2);
    if (child.exitCode === 0 && line !== undefined) return JSON.parse(line) as string[];
    throw new Error(`ended with ${child.exitCode ?? child.signalCode}: ${stderr}`);
  });
  // One that is killed has none, and nobody asks.
  results.catch(() => undefined);
  return { child, begun, results };
}

function runsIn({ log }: Work): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const task of readFileSync(log, 'utf8').trimEnd().split('\n')) runs.set(task, (runs.get(task) ?? 0) + 1);
  return runs;
}

/** What happened to each task, in order, by the name of its log. */
function logsIn({ path }: Work): ReadonlyMap<string, readonly string[]> {
  const logs = new Map<string, string[]>();
  for (const name of readdirSync(path)) {
    const [, task, slot] = /^task-(.+)\.(\d+)$/.exec(name) ?? [];
    if (task === undefined) continue;
    const header = readFileSync(join(path, name), 'utf8').split('\n')[0] ?? '';
    const { id, kind } = JSON.parse(header) as { readonly id: string; readonly kind: string };
    const log = logs.get(id) ?? [];
    log[Number(slot)] = kind;
    logs.set(id, log);
  }
  return logs;
}

/** Everybody has the same results, each task has one, and nothing ran oftener than it was claimed. */
function expectOneOutcome(work: Work, all: readonly (readonly string[])[]): void {
  const [first = [], ...others] = all;
  for (const other of others) expect(other).toEqual(first);
  expect(first.slice(0, -1).map((result) => result.replace(/ by \d+$/, ''))).toEqual(PARTS);
  expect(first.at(-1)).toMatch(/^12 parts, reduced by \d+: /);
  expect(first.at(-1)?.split(': ')[1]?.split(', ')).toEqual(first.slice(0, -1));
  const logs = logsIn(work);
  expect([...logs.keys()].sort()).toEqual([...TASKS].sort());
  for (const [task, count] of runsIn(work)) {
    const log = logs.get(task) ?? [];
    expect([task, log.filter((kind) => kind === 'done')]).toEqual([task, ['done']]);
    expect(log.at(-1)).toBe('done');
    expect(count).toBeLessThanOrEqual(log.filter((kind) => kind === 'claimed').length);
  }
}

test('four processes run each task once, and one of them the reduction', async () => {
  const work = newWork();
  const participants = [1, 2, 3, 4].map(() => start(work, PATIENT));
  expectOneOutcome(work, await Promise.all(participants.map(({ results }) => results)));
  expect(runsIn(work)).toEqual(new Map(TASKS.map((task) => [task, 1])));
});

test('the task of a process that is killed in the middle of it is done by another', async () => {
  const work = newWork();
  const victim = start(work, HASTY, 'part 0');
  await victim.begun;
  const others = [start(work, HASTY), start(work, HASTY)];
  victim.child.kill('SIGKILL');
  expectOneOutcome(work, await Promise.all(others.map(({ results }) => results)));
  expect(runsIn(work).get('part 0')).toBeGreaterThanOrEqual(2);
});

test('a process that is killed in the middle of the reduction leaves it to another', async () => {
  const work = newWork();
  const victim = start(work, HASTY, 'all');
  await victim.begun;
  victim.child.kill('SIGKILL');
  const others = [start(work, HASTY), start(work, HASTY)];
  expectOneOutcome(work, await Promise.all(others.map(({ results }) => results)));
  expect(runsIn(work).get('all')).toBeGreaterThanOrEqual(2);
});

test('a process that is stopped, given up, and continued comes too late with its result', async () => {
  const work = newWork();
  const victim = start(work, HASTY, 'part 0');
  await victim.begun;
  victim.child.kill('SIGSTOP');
  const others = [start(work, HASTY), start(work, HASTY)];
  const results = await Promise.all(others.map((other) => other.results));
  // Now everything is done. The late one ends its task, as if nothing had happened.
  victim.child.stdin.write('go\n');
  victim.child.kill('SIGCONT');
  expectOneOutcome(work, [...results, await victim.results]);
  expect(results[0]?.[0]).not.toBe(`part 0 by ${victim.child.pid}`);
  expect(runsIn(work).get('part 0')).toBeGreaterThanOrEqual(2);
});
