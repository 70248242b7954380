/** One contract for every store: what is handed over is found, at once and by the next session. */
import { firstOf, openDatabase } from '../../src/store/sqlite-driver.js';
import { openStoreFile } from '../../src/store/sqlite-file.js';
import { StoreFile } from '../../src/store/store-file.js';
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addDuration, addWait, type KnownKind, runningStats } from '../../src/core/durations.js';
import { memoryStore, sqliteStore } from '../../src/store/index.js';
import { SimulatedClock } from '../../src/testing/simulated-clock.js';
import { refusalOf } from '../support/refusal.js';
import { done, opened, pathIn } from '../support/store-session.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Lets the next timer ring. */
function pass(clock: SimulatedClock): void {
  clock.advanceTo(clock.nextAt() ?? Number.NaN);
}

const LEARNED = { ...runningStats(), failures: 1 };
addDuration(LEARNED, 5);
addWait(LEARNED, 2);

describe.each([
  ['memory', () => memoryStore()],
  ['sqlite', () => sqliteStore(pathIn(temporaryFolder()))],
] as const)('the %s store', (_name, make) => {
  test('gives back a record and its value, before and after a commit, and in the next session', () => {
    const store = make();
    const { session } = opened(store);
    const fingerprint = session.keep(done('k'), { n: [1, 2] });
    const expected = { ...done('k'), fingerprint };
    expect(session.find('k')).toEqual(expected);
    expect(session.valueOf('k')).toEqual({ n: [1, 2] });
    session.commit();
    expect(session.find('k')).toEqual(expected);
    session.close();
    const next = opened(store).session;
    expect(next.find('k')).toEqual(expected);
    expect(next.valueOf('k')).toEqual({ n: [1, 2] });
    expect(next.find('other')).toBeUndefined();
  });

  test('commits 50 ms after the first change, or with a thousand of them', () => {
    const store = make();
    const { session, clock } = opened(store);
    session.keep(done('early'), 1);
    expect(clock.nextAt()).toBe(50);
    for (let n = 0; n < 999; n += 1) session.keep(done(`k${n}`), n);
    expect(clock.nextAt()).toBeUndefined();
    expect(session.find('k998')).toBeDefined();
    session.keep(done('late'), 2);
    pass(clock);
    expect(clock.nextAt()).toBeUndefined();
    session.close();
    expect(opened(store).session.valueOf('late')).toBe(2);
  });

  test('keeps what is learned of durations with the next commit, and with the last', () => {
    const store = make();
    const news: KnownKind[][] = [[['resize', { ...runningStats(), count: 2, meanMs: 5 }]], [], [['resize', LEARNED]]];
    const session = store._open({
      clock: new SimulatedClock(),
      durability: 'batch',
      failed: () => undefined,
      learned: () => news.shift() ?? [],
    });
    expect(session.durations()).toEqual([]);
    session.keep(done('k'), 1);
    session.commit();
    expect(session.durations()).toEqual([['resize', { ...runningStats(), count: 2, meanMs: 5 }]]);
    session.keep(done('other'), 1);
    session.commit();
    session.close();
    expect(opened(store).session.durations()).toEqual([['resize', LEARNED]]);
  });

  test('puts the last of several records of a key in place of the others', () => {
    const store = make();
    const { session } = opened(store);
    session.keep(done('k'), 'old');
    session.commit();
    session.keep({ ...done('k'), status: 'running' }, undefined);
    expect(session.find('k')?.status).toBe('running');
    session.keep({ ...done('k'), status: 'failed' }, new Error('no'));
    session.close();
    const next = opened(store).session;
    expect(next.find('k')?.status).toBe('failed');
    expect(next.valueOf('k')).toEqual(new Error('no'));
  });

  test('relabels a record without touching its value, and drops one', () => {
    const store = make();
    const { session } = opened(store);
    session.keep(done('k'), 'value');
    session.keep(done('gone'), 'value');
    session.commit();
    const record = session.find('k');
    if (record === undefined) throw new Error('expected a record');
    session.relabel({ ...record, inputs: ['new'] });
    session.drop('gone');
    expect(session.valueOf('k')).toBe('value');
    expect(session.find('gone')).toBeUndefined();
    session.close();
    const next = opened(store).session;
    expect(next.find('k')?.inputs).toEqual(['new']);
    expect(next.valueOf('k')).toBe('value');
    expect(next.find('gone')).toBeUndefined();
  });

  test('finds every one of many, in the order in which they were kept and in any other', () => {
    const store = make();
    const { session } = opened(store);
    const keys = Array.from({ length: 700 }, (_, n) => `k${n}`);
    for (const key of keys) session.keep(done(key), key === 'k5' ? key.repeat(10_000) : key);
    session.close();
    const next = opened(store).session;
    for (const key of [...keys, ...keys.toReversed()]) {
      expect(next.find(key)?.key).toBe(key);
      expect(next.valueOf(key)).toBe(key === 'k5' ? key.repeat(10_000) : key);
    }
    next.keep(done('k7'), 'new');
    next.commit();
    expect(next.valueOf('k7')).toBe('new');
  });

  test('keeps partial results of one recipe, in order, until the task has its outcome', () => {
    const { session } = opened(make());
    session.keepPartial('k', 'r1', 0, 'a');
    session.keepPartial('k', 'r1', 1, 'b');
    expect(session.partialsOf('k', 'r1')).toEqual(['a', 'b']);
    expect(session.partialsOf('k', 'r2')).toEqual([]);
    session.keepPartial('k', 'r2', 0, 'c');
    expect(session.partialsOf('k', 'r2')).toEqual(['c']);
    session.keep(done('k'), ['c']);
    session.commit();
    expect(session.partialsOf('k', 'r2')).toEqual([]);
  });

  test('serves one scheduler at a time', () => {
    const store = make();
    const { session } = opened(store);
    const error = refusalOf(() => opened(store));
    expect(error.code).toBe('StoreInUse');
    session.close();
    opened(store).session.close();
  });
});

describe('a store in a file', () => {
  test('keeps a large value as a file of its own and notices when that has changed', () => {
    const folder = temporaryFolder();
    const store = sqliteStore(pathIn(folder));
    const { session } = opened(store);
    const large = new Uint8Array(2 ** 21).fill(7);
    session.keep(done('k'), large);
    session.commit();
    expect(Buffer.compare(session.valueOf('k') as Uint8Array, large)).toBe(0);
    const values = join(folder, 'run.db-values');
    const [name = ''] = readdirSync(values);
    truncateSync(join(values, name), 100);
    expect(refusalOf(() => session.valueOf('k'))).toMatchObject({ code: 'StoreCorrupt' });
    rmSync(join(values, name));
    expect(refusalOf(() => session.valueOf('k')).message).toContain('is missing');
  });

  test('is refused where it is no store, or one of a newer format, or its folder is missing', () => {
    const path = pathIn(temporaryFolder());
    writeFileSync(path, 'this is no database, though it is long enough to be taken for one '.repeat(20));
    expect(refusalOf(() => opened(sqliteStore(path)))).toMatchObject({ code: 'StoreCorrupt' });
    const other = pathIn(temporaryFolder());
    opened(sqliteStore(other)).session.close();
    const database = openDatabase(other);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const error = refusalOf(() => opened(sqliteStore(other)));
    expect(error.code).toBe('StoreUnavailable');
    expect(error.message).toContain('format 99');
    expect(refusalOf(() => opened(sqliteStore(join(other, 'no', 'run.db')))).code).toBe('StoreUnavailable');
  });

  test('is brought to the disk by every commit if each result is to be safe', () => {
    for (const [isEach, level] of [
      [true, 2],
      [false, 1],
    ] as const) {
      const database = openStoreFile(pathIn(temporaryFolder()), isEach);
      expect(firstOf(database.prepare('PRAGMA synchronous'))).toEqual({ synchronous: level });
      database.close();
    }
  });

  test('names the process that has it', () => {
    const path = pathIn(temporaryFolder());
    const { session } = opened(sqliteStore(path));
    writeFileSync(`${path}-pid`, '4711');
    expect(refusalOf(() => opened(sqliteStore(path))).message).toBe(`the store ${path} is in use by process 4711`);
    session.close();
  });

  test('keeps what a failed commit held, says so once a try, and commits it later', () => {
    const path = pathIn(temporaryFolder());
    const { session, clock, failures } = opened(sqliteStore(path));
    // A large value needs the folder, in whose place there is a file.
    writeFileSync(`${path}-values`, '');
    session.keep(done('k'), new Uint8Array(2 ** 21));
    pass(clock);
    expect(failures).toMatchObject([{ code: 'StoreUnavailable' }]);
    expect(session.find('k')).toBeDefined();
    rmSync(`${path}-values`);
    pass(clock);
    expect(failures).toHaveLength(1);
    session.close();
    expect(opened(sqliteStore(path)).session.find('k')).toBeDefined();
  });

  test('tries a commit again that failed when it was asked for, until it is closed', () => {
    const path = pathIn(temporaryFolder());
    const { session, clock, failures } = opened(sqliteStore(path));
    writeFileSync(`${path}-values`, '');
    session.keep(done('k'), new Uint8Array(2 ** 21));
    expect(refusalOf(() => session.commit()).code).toBe('StoreUnavailable');
    expect(clock.nextAt()).toBe(1_000);
    pass(clock);
    expect(failures).toHaveLength(1);
    expect(refusalOf(() => session.close()).code).toBe('StoreUnavailable');
    expect(clock.nextAt()).toBeUndefined();
  });

  test('writes a large value anew whose file is damaged', () => {
    const folder = temporaryFolder();
    const { session } = opened(sqliteStore(pathIn(folder)));
    const large = new Uint8Array(2 ** 21).fill(7);
    session.keep(done('k'), large);
    session.commit();
    const values = join(folder, 'run.db-values');
    const file = join(values, readdirSync(values)[0] ?? '');
    writeFileSync(file, new Uint8Array(statSync(file).size));
    expect(refusalOf(() => session.valueOf('k')).code).toBe('StoreCorrupt');
    session.keep(done('k'), large);
    session.commit();
    // Byte by byte, but not by the test framework, which takes seconds for so many.
    expect(Buffer.compare(session.valueOf('k') as Uint8Array, large)).toBe(0);
    session.close();
  });

  test('relabels a record that is not committed yet', () => {
    const store = sqliteStore(pathIn(temporaryFolder()));
    const { session } = opened(store);
    const fingerprint = session.keep(done('k'), 'value');
    session.relabel({ ...done('k'), fingerprint, inputs: ['new'] });
    expect(session.valueOf('k')).toBe('value');
    session.close();
    const next = opened(store).session;
    expect([next.find('k')?.inputs, next.valueOf('k')]).toEqual([['new'], 'value']);
    next.close();
  });

  test('collects partial results by age, and never the mark of a task that was running', () => {
    const path = pathIn(temporaryFolder());
    const { session } = opened(sqliteStore(path));
    session.keep({ ...done('paid'), status: 'running' }, undefined);
    session.keep(done('old'), 1);
    session.keepPartial('left', 'r1', 0, 'a');
    session.close();
    const file = new StoreFile(path);
    expect(file.gc({ maxBytes: 0 }).records).toBe(1);
    file.close();
    const database = openDatabase(path);
    database.exec('UPDATE partial SET at = 0; UPDATE record SET at = 0');
    database.close();
    const next = opened(sqliteStore(path)).session;
    expect([next.find('paid')?.status, next.find('old'), next.partialsOf('left', 'r1')]).toEqual([
      'running',
      undefined,
      ['a'],
    ]);
    next.close();
    const later = new StoreFile(path);
    expect(later.gc({ maxAgeS: 60 }).records).toBe(0);
    later.close();
    const last = opened(sqliteStore(path)).session;
    expect([last.find('paid')?.status, last.partialsOf('left', 'r1')]).toEqual(['running', []]);
    last.close();
  });

  test('says that a record is damaged when it is listed', () => {
    const path = pathIn(temporaryFolder());
    const { session } = opened(sqliteStore(path));
    session.keep(done('k'), 1);
    session.close();
    const database = openDatabase(path);
    database.exec(replacedInEntries('done', 'odd'));
    database.close();
    const file = new StoreFile(path);
    expect(refusalOf(() => file.list()).code).toBe('StoreCorrupt');
    expect(refusalOf(() => file.gc({ maxBytes: 0 })).code).toBe('StoreCorrupt');
    file.close();
    const again = openDatabase(path);
    again.exec(`${replacedInEntries('odd', 'done')}; UPDATE record SET at = 1e15`);
    again.close();
    const other = new StoreFile(path);
    expect(refusalOf(() => other.list()).code).toBe('StoreCorrupt');
    expect(other.verify()).toEqual({ records: 1, wrong: ['what the store has under "k" is no record'] });
    other.close();
  });
});

/** A statement that makes another word of one in all records. */
const replacedInEntries = (word: string, other: string): string =>
  `UPDATE record SET entry = CAST(replace(CAST(entry AS TEXT), '"${word}"', '"${other}"') AS BLOB)`;

test('a file of an earlier version is opened, and a damaged entry of its durations passed over', () => {
  const path = pathIn(temporaryFolder());
  const { session } = opened(sqliteStore(path));
  session.keep(done('k'), 1);
  session.close();
  const earlier = openDatabase(path);
  earlier.exec('DROP TABLE kind');
  earlier.close();
  const next = opened(sqliteStore(path)).session;
  expect([next.durations(), next.valueOf('k')]).toEqual([[], 1]);
  next.close();
  const damaged = openDatabase(path);
  damaged.exec(`INSERT INTO kind VALUES ('a', '{"count":-1}'), ('b', 'no'), ('c', '${JSON.stringify(LEARNED)}')`);
  damaged.close();
  expect(opened(sqliteStore(path)).session.durations()).toEqual([['c', LEARNED]]);
});
