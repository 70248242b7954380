/**
 * What a process that is killed leaves of a store: copies of its files, taken behind every statement and every change of a file that some
 * work makes, where these have changed. The copies stand for all moments in between as well, as far as SQLite's transactions hold.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/sqlite-driver.js';
import { temporaryFolder } from './temporary-folder.js';

type Method = (...args: unknown[]) => unknown;

/** What lies beside the database, but for large values. */
const FILES = ['', '-wal', '-journal', '-pid'];

const FILE_CHANGES = ['writeSync', 'writeFileSync', 'renameSync', 'rmSync', 'mkdirSync'];

/** The paths of the copies of the store `path`, in order; the first is of the time before `work`. */
export function crashPoints(path: string, work: () => void): readonly string[] {
  const copies: string[] = [];
  let last = '';
  const copy = (): void => {
    const state = stateOf(path);
    if (state === last) return;
    last = state;
    const to = join(temporaryFolder(), 'run.db');
    // The lock is the process's own and does not lie in a file; `-pid` does.
    for (const part of [...FILES, '-values']) {
      if (fs.existsSync(path + part)) fs.cpSync(path + part, to + part, { recursive: true });
    }
    copies.push(to);
  };
  copy();
  const undo = observe(copy);
  try {
    work();
  } finally {
    undo();
  }
  return copies;
}

/** Of the database its content, of the files of large values their names and sizes. */
function stateOf(path: string): string {
  const hash = createHash('sha256');
  for (const part of FILES) hash.update(fs.existsSync(path + part) ? fs.readFileSync(path + part) : 'none');
  const values = `${path}-values`;
  const names = fs.existsSync(values) ? fs.readdirSync(values) : [];
  for (const name of names) hash.update(`${name} ${fs.statSync(join(values, name)).size}`);
  return hash.digest('hex');
}

/** Calls `step` behind every statement of any database, and every change of a file by `node:fs`. Returns what ends that. */
function observe(step: () => void): () => void {
  const probe = openDatabase(':memory:');
  const database: unknown = Object.getPrototypeOf(probe);
  const statement: unknown = Object.getPrototypeOf(probe.prepare('SELECT 1'));
  probe.close();
  let isInside = false;
  const undo: (() => void)[] = [];
  const wrap = (owner: Record<string, Method>, name: string): void => {
    const original = owner[name];
    if (original === undefined) throw new Error(`there is no ${name}`);
    owner[name] = function (this: unknown, ...args) {
      if (isInside) return original.apply(this, args);
      isInside = true;
      try {
        const result = original.apply(this, args);
        step();
        return result;
      } finally {
        isInside = false;
      }
    };
    undo.push(() => {
      owner[name] = original;
    });
  };
  wrap(database as Record<string, Method>, 'exec');
  wrap(statement as Record<string, Method>, 'run');
  for (const name of FILE_CHANGES) wrap(fs as unknown as Record<string, Method>, name);
  syncBuiltinESMExports();
  return () => {
    for (const each of undo) each();
    syncBuiltinESMExports();
  };
}
