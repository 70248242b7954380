/**
 * A program that is killed and started again until it ends. `npm test` kills it some times; `npm run torture:store` kills it as often
 * as `PULLGRAPH_KILLS` says, in as many lives of the program as that takes, and prints what it has counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('./fixtures/killed-program.js', import.meta.url));
const ASKED = process.env['PULLGRAPH_KILLS'];
const KILLS = Number(ASKED ?? 30);
/** A guard against what hangs. */
const HANG_MS = 10_000 * KILLS;
/** Every so many lives have threads and processes; starting these is most of the cost of a kill. */
const APART_EVERY = ASKED === undefined ? 4 : 1;
/** A life ends at the latest when it has run so many tasks; at the earliest when the store is open. */
const MOST_TASKS = 40;
/** The seed of a run that failed is in its message. */
const SEED = Number(process.env['PULLGRAPH_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

/** A generator of integers from 0 to `below` - 1 (Lehmer, MINSTD). */
function chance(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

interface Life {
  readonly file: string;
  readonly log: string;
  readonly durability: 'each' | 'batch';
  readonly number: number;
  /** It is killed when it has printed so many lines. */
  readonly lines: number;
}

/** Returns the line of its result, if it came so far. */
async function live({ file, log, durability, number, lines }: Life): Promise<string | undefined> {
  const place = number % APART_EVERY === 0 ? 'apart' : 'inline';
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, file, log, durability, place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PULLGRAPH_LIFE: String(number) },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  let result: string | undefined;
  let seen = 0;
  if (child.stdout === null) throw new Error('expected a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    seen += 1;
    if (line.startsWith('result')) result = line;
    if (seen === lines) child.kill('SIGKILL');
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the program ended with code ${code}: ${said}`);
  return signal === 'SIGKILL' ? undefined : result;
}

/** What the lives of one program have done. */
interface Told {
  readonly acknowledged: number;
  /** How often a task was started once more, whose end had not been acknowledged. */
  readonly repeated: number;
  /** What was started after its end had been acknowledged, or twice though it must not be. */
  readonly wrong: readonly string[];
}

function told(log: string): Told {
  const started = new Set<string>();
  const acknowledged = new Map<string, number>();
  const wrong: string[] = [];
  let repeated = 0;
  for (const line of readFileSync(log, 'utf8').trimEnd().split('\n')) {
    const [what, key = '', life = ''] = line.split(' ');
    if (what === 'ack') acknowledged.set(key, Number(life));
    else {
      // A worker process may outlive its program by the task that it has, and log its start late.
      if (Number(life) >= (acknowledged.get(key) ?? Number.POSITIVE_INFINITY)) wrong.push(line);
      if (!started.has(key)) started.add(key);
      else if (key.startsWith('pay')) wrong.push(line);
      else repeated += 1;
    }
  }
  return { acknowledged: acknowledged.size, repeated, wrong };
}

test(`a program that is killed ${KILLS} times runs nothing whose end was acknowledged, and ends with the right result (seed ${SEED})`, {
  timeout: HANG_MS,
}, async () => {
  const next = chance(SEED);
  const whole = temporaryFolder();
  const expected = await live({
    file: join(whole, 'run.db'),
    log: join(whole, 'log'),
    durability: 'batch',
    number: 0,
    lines: Number.POSITIVE_INFINITY,
  });
  expect(expected).toMatch(/^result \d+ 0,1,.*,19$/);
  const sums = { programs: 0, acknowledged: 0, repeated: 0 };
  for (let kills = 0; kills < KILLS; ) {
    const folder = temporaryFolder();
    const [file, log] = [join(folder, 'run.db'), join(folder, 'log')];
    const durability = sums.programs % 3 === 2 ? 'batch' : 'each';
    let result: string | undefined;
    for (let number = 1; result === undefined; number += 1) {
      const lines = kills < KILLS ? 1 + next(MOST_TASKS) : Number.POSITIVE_INFINITY;
      result = await live({ file, log, durability, number, lines });
      if (result === undefined) kills += 1;
    }
    expect(result).toBe(expected);
    const { acknowledged, repeated, wrong } = told(log);
    expect(wrong).toEqual([]);
    sums.programs += 1;
    sums.acknowledged += acknowledged;
    sums.repeated += repeated;
  }
  if (ASKED !== undefined) {
    const { programs, acknowledged, repeated } = sums;
    process.stdout.write(
      `${KILLS} kills of ${programs} programs: ${acknowledged} ends acknowledged, ${repeated} tasks run again before that\n`,
    );
  }
});
