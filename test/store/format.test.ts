/** A file that an earlier version has written: what it has is found, at whatever step of the change to the present format the process is killed. */
import { expect, test } from 'vitest';
import { sqliteStore } from '../../src/store/index.js';
import { openDatabase } from '../../src/store/sqlite-driver.js';
import { crashPoints } from '../support/crash-points.js';
import { done, opened, pathIn } from '../support/store-session.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The table of records in format 1, filled from that of the present one. */
const TO_FORMAT_1 = `
  ALTER TABLE record RENAME TO present;
  CREATE TABLE record (
    key TEXT PRIMARY KEY, queue TEXT NOT NULL, status TEXT NOT NULL, parts TEXT NOT NULL, fingerprint TEXT,
    sum TEXT, bytes INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB
  );
  INSERT INTO record
  SELECT key, e->>'queue', e->>'status', json_object('name', e->>'name', 'fn', e->>'fn', 'args', json(e->'args'),
    'dependencies', json(e->'dependencies'), 'whole', e->>'whole', 'inputs', json(e->'inputs')),
    e->>'fingerprint', e->>'sum', e->>'bytes', at, body
  FROM (SELECT *, CAST(entry AS TEXT) AS e FROM present);
  INSERT INTO record VALUES ('damaged', 'q', 'done', '{', NULL, NULL, 0, 0, NULL);
  DROP TABLE present;
  PRAGMA user_version = 1;
`;

/** One that format 1 has in a column, and one that lies in a file. */
const VALUES = { long: 'l'.repeat(2_000), large: 'x'.repeat(2 ** 21) };

test('format 1', () => {
  const path = pathIn(temporaryFolder());
  const { session } = opened(sqliteStore(path));
  for (const [key, value] of Object.entries(VALUES)) session.keep(done(key), value);
  session.keep({ ...done('paid'), status: 'running' }, undefined);
  session.keepPartial('stream', 'whole', 0, 'first');
  session.commit();
  const records = ['long', 'large', 'paid'].map((key) => session.find(key));
  session.close();
  const database = openDatabase(path);
  database.exec(TO_FORMAT_1);
  database.close();
  const copies = crashPoints(path, () => opened(sqliteStore(path)).session.close());
  expect(copies.length).toBeGreaterThan(3);
  for (const copy of copies) {
    const next = opened(sqliteStore(copy)).session;
    expect(['long', 'large', 'paid', 'damaged'].map((key) => next.find(key))).toEqual([...records, undefined]);
    for (const [key, value] of Object.entries(VALUES)) expect(next.valueOf(key) === value).toBe(true);
    expect(next.partialsOf('stream', 'whole')).toEqual(['first']);
    next.close();
  }
});
