/** Whatever happens to the bytes of a store: a value is what was kept, or the store says that it is damaged. */
import * as fc from 'fast-check';
import { closeSync, copyFileSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { sqliteStore } from '../../src/store/index.js';
import { openDatabase } from '../../src/store/sqlite-driver.js';
import { StoreFile } from '../../src/store/store-file.js';
import { scaledRuns } from '../support/property-runs.js';
import { property } from '../support/property.js';
import { done, opened, pathIn } from '../support/store-session.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const KEYS = Array.from({ length: 40 }, (_, n) => `key ${n}`);
/** From a few bytes to several pages. */
const valueOf = (key: string): string => key.repeat(1 + (Number(key.slice(4)) % 4) * 500);

function filled(): string {
  const path = pathIn(temporaryFolder());
  const { session } = opened(sqliteStore(path));
  for (const key of KEYS) session.keep(done(key), valueOf(key));
  session.keepPartial('stream', 'whole', 0, 'first');
  session.close();
  return path;
}

/** The code of the error of the store that `work` may throw; any other error is one of the test. */
function codeOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof SchedulerError) return error.code;
    throw error;
  }
}

const damages = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('overwritten' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  }),
);

property([damages], { numRuns: scaledRuns(15) })(
  'for any damage to the file, what is read is right or is refused, by runs and by the command',
  (damage) => {
    const path = pathIn(temporaryFolder());
    copyFileSync(whole(), path);
    const at = Math.floor(damage.at * statSync(path).size);
    if (damage.kind === 'cut') truncateSync(path, at);
    else {
      const file = openSync(path, 'r+');
      writeSync(file, damage.bytes, 0, damage.bytes.length, at);
      closeSync(file);
    }
    const codes = new Set<string | undefined>();
    codes.add(
      codeOf(() => {
        const { session } = opened(sqliteStore(path));
        for (const key of [...KEYS, ...KEYS.toReversed()]) {
          const code = codeOf(() => {
            if (session.find(key) !== undefined) expect(session.valueOf(key)).toBe(valueOf(key));
          });
          codes.add(code);
        }
        codes.add(codeOf(() => void session.partialsOf('stream', 'whole')));
        codes.add(codeOf(() => session.keep(done('new'), 1)));
        codes.add(codeOf(() => session.close()));
      }),
    );
    for (const work of [
      (file: StoreFile) => file.list(),
      (file: StoreFile) => file.verify(),
      (file: StoreFile) => file.forget('key 1'),
      (file: StoreFile) => file.gc({ maxBytes: 1_000 }),
    ]) {
      codes.add(
        codeOf(() => {
          const file = new StoreFile(path);
          try {
            work(file);
          } finally {
            file.close();
          }
        }),
      );
    }
    expect([...codes].filter((code) => !KNOWN.has(code))).toEqual([]);
  },
);

/** A file that is cut to nothing is a new one; of a format that is not known it says so. */
const KNOWN = new Set([undefined, 'StoreCorrupt', 'StoreUnavailable']);

let made: string | undefined;
function whole(): string {
  return (made ??= filled());
}

test('times of a clock that has jumped keep nothing from being listed, collected or found', () => {
  const path = filled();
  const database = openDatabase(path);
  // One was kept while the clock stood in the next century, one before 1970.
  database.exec("UPDATE record SET at = at + 3200000000 WHERE key = 'key 1'");
  database.exec("UPDATE record SET at = -5 WHERE key = 'key 2'");
  database.close();
  const file = new StoreFile(path);
  const keys = file.list().map(({ key }) => key);
  expect([keys[0], keys.at(-1), keys.length]).toEqual(['key 2', 'key 1', KEYS.length]);
  expect(file.gc({ maxAgeS: 3_600 }).records).toBe(1);
  file.close();
  const { session } = opened(sqliteStore(path));
  expect([session.valueOf('key 1'), session.find('key 2')]).toEqual([valueOf('key 1'), undefined]);
  session.close();
});

test('text that is not UTF-8 is refused alone, by runs and by the command, and durations of it are passed over', () => {
  const path = filled();
  const database = openDatabase(path);
  const odd = `CAST(x'78eda080' AS TEXT)`;
  database.exec(
    `UPDATE record SET entry = x'78eda080' WHERE key = 'key 1'; UPDATE record SET key = ${odd} WHERE key = 'key 2'`,
  );
  database.exec(
    `UPDATE partial SET sum = ${odd}; INSERT INTO kind VALUES (${odd}, ${odd}); UPDATE identity SET id = ${odd}`,
  );
  database.close();
  const { session } = opened(sqliteStore(path));
  expect(codeOf(() => session.find('key 1'))).toBe('StoreCorrupt');
  expect(session.find('key 2')).toBeUndefined();
  for (const key of ['key 0', 'key 3', 'key 4']) expect(session.valueOf(key)).toBe(valueOf(key));
  expect(codeOf(() => session.partialsOf('stream', 'whole'))).toBe('StoreCorrupt');
  expect(session.durations()).toEqual([]);
  session.close();
  const file = new StoreFile(path);
  expect(codeOf(() => file.list())).toBe('StoreCorrupt');
  expect(file.verify().wrong).toEqual([
    'what the store has under "key 1" is no record',
    expect.stringMatching(/^what the store has under "x.*" is no record$/),
  ]);
  file.close();
});
