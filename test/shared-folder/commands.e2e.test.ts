/** Commands on a shared queue: what they leave is there for everybody, whoever ran them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processes } from 'pullgraph/executors';
import { CommandFailed, CommandResult } from 'pullgraph';
import { entryFile } from './entry-file.js';
import { outcomeOf, type Participant, participant } from './participant.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const commands = (path: string): Participant => participant(path, {}, { executor: processes() });

/** What a participant that runs the command gets, and one that does not. */
async function hereAndThere<T>(submit: (each: Participant) => Promise<T>): Promise<readonly [T, T]> {
  const path = temporaryFolder();
  return [await submit(commands(path)), await submit(commands(path))];
}

describe('a command on a shared queue', () => {
  test('runs once, and leaves everybody the same, to the byte', async () => {
    const results = await hereAndThere(({ queue }) =>
      queue.run({ id: 'bytes' }, `printf '\\377\\000'; echo $$ >&2`, [], { shell: true }).result(),
    );
    for (const result of results) {
      expect(result).toBeInstanceOf(CommandResult);
      expect(Buffer.from(result.stdoutBytes)).toEqual(Buffer.from([255, 0]));
      expect(result).toMatchObject({ exitCode: 0, signal: undefined, truncated: false });
    }
    // The number of the process that ran it.
    expect(results[1].stderr).toBe(results[0].stderr);
  });

  test('can be what another one reads, wherever that runs', async () => {
    const texts = await hereAndThere(async ({ queue }) => {
      const numbers = queue.run({ id: 'numbers' }, 'seq', [3]);
      return (await queue.run({ id: 'sum' }, 'paste', ['-sd+'], { stdin: numbers }).result()).stdout;
    });
    expect(texts).toEqual(['1+2+3\n', '1+2+3\n']);
  });

  test('delivers its lines to everybody', async () => {
    const lines = await hereAndThere(({ queue }) => queue.lines({ id: 'lines' }, 'seq', [3]).result());
    expect(lines).toEqual([
      ['1', '2', '3'],
      ['1', '2', '3'],
    ]);
  });

  test('that fails has failed for everybody, with what it left', async () => {
    const [here, there] = await hereAndThere(({ queue }) =>
      outcomeOf(queue.run({ id: 'bad' }, 'echo so far; echo no paper >&2; exit 3', [], { shell: true }).result()),
    );
    const failure = { exitCode: 3, stderr: 'no paper\n', result: { stdout: 'so far\n' } };
    expect(here).toBeInstanceOf(CommandFailed);
    expect(here).toMatchObject(failure);
    expect(there).toMatchObject({ code: 'SharedTaskFailed', cause: failure });
    const { cause } = there as { readonly cause: unknown };
    expect(cause).toBeInstanceOf(CommandFailed);
    expect(cause).toMatchObject({ message: (here as Error).message });
  });

  test('that fails after it has printed much leaves the first of its output and the last of its errors', async () => {
    const script = 'echo first; head -c 900000 /dev/zero; head -c 900000 /dev/zero >&2; echo last >&2; exit 1';
    const [, there] = await hereAndThere(({ queue }) =>
      outcomeOf(queue.run({ id: 'bad' }, script, [], { shell: true }).result()),
    );
    const { cause } = there as { readonly cause: unknown };
    if (!(cause instanceof CommandFailed)) throw new Error('expected a CommandFailed', { cause });
    expect(cause.result.truncated).toBe(true);
    expect(cause.result.stdout).toMatch(/^first\n/);
    expect(cause.result.stderr).toMatch(/last\n$/);
    expect(cause.result.stdoutBytes.length).toBe(2 ** 18);
  });
});

test('a result that looks like a command in the folder is refused', async () => {
  const { queue } = participant(temporaryFolder());
  const error = await outcomeOf(queue.submit({ id: 'a' }, () => ({ 'pullgraph:command': 1 })).result());
  expect(error).toMatchObject({ code: 'NotStorable' });
});

test('a queue without an executor for commands refuses them, shared or not', () => {
  const { queue } = participant(temporaryFolder());
  expect(() => queue.run({ id: 'a' }, 'true')).toThrow(expect.objectContaining({ code: 'CommandsNotSupported' }));
});

test('a command record that is none is a result as any other', async () => {
  const path = temporaryFolder();
  const body = '{"pullgraph:command":{"stdout":1}}';
  const header = { pullgraph: 2, id: 'a', token: 't', kind: 'done', bytes: body.length };
  writeFileSync(join(path, 'task-a.0'), entryFile(header, body));
  expect(
    await participant(path)
      .queue.submit({ id: 'a' }, (): unknown => 1)
      .result(),
  ).toEqual(JSON.parse(body));
});
