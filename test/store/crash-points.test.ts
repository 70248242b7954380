/** A store whose process is killed at any step of what is done to its file: the next process finds all of it, or what was before. */
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/sqlite-driver.js';
import { sqliteStore } from '../../src/store/index.js';
import { StoreFile } from '../../src/store/store-file.js';
import { crashPoints } from '../support/crash-points.js';
import { done, opened, pathIn } from '../support/store-session.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const KEYS = ['a', 'b', 'c', 'd'];
const LARGE = new Set(['b', 'c', 'new']);

/** Some values are files of their own. */
const valueOf = (key: string): Uint8Array => new Uint8Array(LARGE.has(key) ? 2 ** 20 + 1 : 100).fill(key.charCodeAt(0));

/** A store with these records, the mark of a task that was running, and partial results. */
function filled(): string {
  const path = pathIn(temporaryFolder());
  const { session } = opened(sqliteStore(path));
  for (const key of KEYS) session.keep(done(key), valueOf(key));
  session.keep({ ...done('paid'), status: 'running' }, undefined);
  session.keepPartial('stream', 'whole', 0, valueOf('b').fill(1));
  session.close();
  return path;
}

/** Comparing them by their elements would take seconds. */
const isValue = (value: unknown, key: string): boolean => Buffer.compare(value as Uint8Array, valueOf(key)) === 0;

/** The keys that the store has, each of which has the right value. */
function keysIn(path: string): string[] {
  const { session } = opened(sqliteStore(path));
  const keys = KEYS.filter((key) => session.find(key)?.status === 'done');
  for (const key of keys) expect(isValue(session.valueOf(key), key)).toBe(true);
  session.close();
  return keys;
}

function asFile<T>(path: string, work: (file: StoreFile) => T): T {
  const file = new StoreFile(path);
  try {
    return work(file);
  } finally {
    file.close();
  }
}

describe('at any step of', () => {
  test('making a store, the file that is left can be taken into use', () => {
    const path = pathIn(temporaryFolder());
    const copies = crashPoints(path, () => opened(sqliteStore(path)).session.close());
    expect(copies.length).toBeGreaterThan(8);
    for (const copy of copies) {
      const { session } = opened(sqliteStore(copy));
      expect(session.find('a')).toBeUndefined();
      session.keep(done('a'), valueOf('a'));
      session.close();
      expect(keysIn(copy)).toEqual(['a']);
    }
  });

  test('a commit and of closing, either all of the commit is there or nothing, and every file that a record names', () => {
    const path = filled();
    const copies = crashPoints(path, () => {
      const { session } = opened(sqliteStore(path));
      session.drop('a');
      for (const key of ['b', 'd']) session.keep(done(key), valueOf('new'));
      session.commit();
      session.close();
    });
    const seen = new Set<string>();
    for (const copy of copies) {
      expect(asFile(copy, (file) => file.verify().wrong)).toEqual([]);
      const { session } = opened(sqliteStore(copy));
      const isAfter = session.find('a') === undefined;
      seen.add(String(isAfter));
      for (const key of ['b', 'd']) expect(isValue(session.valueOf(key), isAfter ? 'new' : key)).toBe(true);
      session.close();
    }
    expect([...seen]).toEqual(['false', 'true']);
  });

  test('gc, no record is left without its value, and the next gc ends what was begun', () => {
    const path = filled();
    const gc = (file: StoreFile): unknown => file.gc({ maxBytes: 2 ** 20 + 200 });
    const copies = crashPoints(path, () => asFile(path, gc));
    expect(keysIn(path)).toEqual(['c', 'd']);
    const before = copies.map((copy) =>
      asFile(copy, (file) => {
        expect(file.verify().wrong).toEqual([]);
        const keys = file.list().map(({ key }) => key);
        gc(file);
        return keys.join(' ');
      }),
    );
    expect([...new Set(before)]).toEqual(['a b c d paid', 'c d paid']);
    for (const copy of copies) {
      const { session } = opened(sqliteStore(copy));
      expect(KEYS.filter((key) => session.find(key) !== undefined && isValue(session.valueOf(key), key))).toEqual([
        'c',
        'd',
      ]);
      expect(session.find('paid')?.status).toBe('running');
      expect(session.partialsOf('stream', 'whole')).toHaveLength(1);
      session.close();
    }
  });

  test('forget, a record and its partial results are there together or not at all', () => {
    const path = filled();
    const copies = crashPoints(path, () => {
      const { session } = opened(sqliteStore(path));
      session.keepPartial('a', 'whole', 0, 1);
      session.close();
      asFile(path, (file) => file.forget('a'));
    });
    const seen = copies.map((copy) => {
      const { session } = opened(sqliteStore(copy));
      const found = `${session.find('a')?.status} ${session.partialsOf('a', 'whole').length}`;
      session.close();
      return found;
    });
    expect([...new Set(seen)]).toEqual(['done 0', 'done 1', 'forgotten 0']);
  });
});

test('a store that says nothing of its format is given the present one, and one without tables gets them', () => {
  const path = filled();
  const database = openDatabase(path);
  database.exec('PRAGMA user_version = 0; DROP TABLE partial');
  database.close();
  for (const copy of crashPoints(path, () => opened(sqliteStore(path)).session.close())) {
    expect(keysIn(copy)).toEqual(KEYS);
  }
});
