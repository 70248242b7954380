/** What may be in a folder: results that can be written, and what somebody else has put there. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SchedulerError } from '../../src/index.js';
import { sharedFolder, type SharedFolderOptions } from '../../src/shared-folder/index.js';
import { refusalOf } from '../support/refusal.js';
import { entryFile } from './entry-file.js';
import { outcomeOf, participant } from './participant.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('a result that cannot be stored', () => {
  test.each([
    ['a number that is none', () => Number.NaN, 'the result, number NaN'],
    ['a map in it', () => ({ places: new Map() }), 'its part places, [object Map]'],
    ['a date', () => new Date(0), 'the result, [object Date]'],
    ['a hole in an array', () => [undefined], 'its part 0, undefined undefined'],
    ['a typed array', () => new Float64Array(1), 'the result, [object Float64Array]'],
    ['a big integer', () => 1n, 'the result, bigint 1'],
    ['a negative zero', () => [-0], 'its part 0, number -0'],
    ['a match', () => ({ found: /b/.exec('abc') }), 'its part found, an array with keys other than its indices'],
    [
      'a key that is a symbol',
      () => ({ [Symbol('k')]: 1 }),
      'the result, an object with symbol keys or non-enumerable keys',
    ],
    [
      'a key that is not enumerable',
      () => Object.defineProperty({}, 'k', { value: 1 }),
      'the result, an object with symbol keys or non-enumerable keys',
    ],
  ])('fails the task: %s', async (_, fn, what) => {
    const { queue } = participant(temporaryFolder());
    const error = await outcomeOf(queue.submit({ id: 'a' }, fn).result());
    expect(error).toMatchObject({ code: 'NotStorable' });
    expect((error as Error).message).toContain(`JSON cannot represent ${what}:`);
  });

  test('fails the task when it is too large, for everybody', async () => {
    const path = temporaryFolder();
    const submit = () =>
      outcomeOf(
        participant(path, { maxBytes: 10 })
          .queue.submit({ id: 'a' }, () => '123456789')
          .result(),
      );
    expect(await submit()).toMatchObject({ code: 'NotStorable' });
    expect(await submit()).toMatchObject({ code: 'SharedTaskFailed' });
  });

  test.each([[undefined], [null], [0], [''], [[]], [{ a: [1, { b: 'ü' }] }]])('is not %j', async (value) => {
    const { queue } = participant(temporaryFolder());
    expect(await queue.submit({ id: 'a' }, () => value).result()).toEqual(value);
  });
});

const doneWith = (bytes: number) => ({ pullgraph: 2, id: 'a', token: 't', kind: 'done', bytes });

describe('a folder with something else in it', () => {
  test.each<[string, (path: string) => void]>([
    ['a link to nothing', (path) => symlinkSync('/nonexistent/x', path)],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['a folder', (path) => mkdirSync(path)],
  ])('fails the task whose file is %s, and nothing waits for it', async (_, make) => {
    const path = temporaryFolder();
    make(join(path, 'task-a.0'));
    const { queue } = participant(path);
    const error = await outcomeOf(queue.submit({ id: 'a' }, () => 1).result());
    expect(error).toMatchObject({ code: 'FolderCorrupt' });
    expect(await queue.submit({ id: 'b' }, () => 2).result()).toBe(2);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'what\n'],
    ['an entry without its fields', entryFile({ pullgraph: 2, id: 'a', token: 't', kind: 'done' })],
    ['an entry of another version', entryFile({ pullgraph: 1, id: 'a', token: 't', kind: 'released' })],
    ['an entry of another task', entryFile({ pullgraph: 2, id: 'b', token: 't', kind: 'released' })],
    ['an entry of no known kind', entryFile({ pullgraph: 2, id: 'a', token: 't', kind: '__proto__' })],
    ['half a result', entryFile(doneWith(9), '"12')],
    ['a result that is no JSON', entryFile(doneWith(1), '"')],
    ['an entry without its checksum', `${JSON.stringify(doneWith(1))}\n1`],
    ['a result that is damaged', entryFile(doneWith(2), '12').replace(/12$/, '13')],
    [
      'a token that is damaged',
      entryFile({ pullgraph: 2, id: 'a', token: 't', kind: 'released' }).replace('"t"', '"u"'),
    ],
  ])('fails the task whose file holds %s', async (_, content) => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'task-a.0'), content);
    const { queue } = participant(path);
    const error = await outcomeOf(queue.submit({ id: 'a' }, () => 1).result());
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toMatchObject({ code: 'FolderCorrupt', tasks: ['a'] });
    expect(await queue.submit({ id: 'b' }, () => 2).result()).toBe(2);
    expect(readFileSync(join(path, 'task-a.0'), 'utf8')).toBe(content);
  });
});

describe('sharedFolder', () => {
  test('makes the folder', () => {
    const path = join(temporaryFolder(), 'deep', 'er');
    sharedFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  test('refuses a path that can be no folder', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(refusalOf(() => sharedFolder(path))).toMatchObject({ code: 'FolderUnavailable' });
  });

  test.each([
    [{ attempts: 0 }, 'attempts'],
    [{ takeovers: 0.5 }, 'takeovers'],
    [{ beatMs: 1_000, expireMs: 1_500 }, 'expireMs'],
    [{ patienceMs: -1 }, 'patienceMs'],
    [{ maxBytes: Number.NaN }, 'maxBytes'],
    [{ label: 7 }, 'label'],
    [{ retryFailed: 1 }, 'retryFailed'],
    [{ onOutage: 1 }, 'onOutage'],
    [{ codec: {} }, 'codec'],
    [{ takeover: 1 }, 'did you mean takeovers?'],
  ])('refuses %j', (options, name) => {
    const error = refusalOf(() => sharedFolder(temporaryFolder(), options as SharedFolderOptions));
    expect(error.code).toBe('InvalidOption');
    expect(error.message).toContain(name);
  });

  test('refuses a retry of the queue', () => {
    const shared = sharedFolder(temporaryFolder());
    expect(refusalOf(() => shared.over({ retry: { attempts: 2 } })).code).toBe('InvalidOption');
  });
});
