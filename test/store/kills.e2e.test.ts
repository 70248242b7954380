/**
 * A program that is killed and started again until it ends. `npm test` kills it some times; `npm run torture:store` kills it as often
 * as `PULLGRAPH_KILLS` says, in as many lives of the program as that takes.
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
const KILLS = Number(process.env['PULLGRAPH_KILLS'] ?? 6);
const TASKS = 300;
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

/** Runs the program, and kills it when it has printed so many lines. Returns the line of its result, if it came so far. */
async function life(file: string, log: string, lines: number): Promise<string | undefined> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, file, log], { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** Whether no task ran after its end had been acknowledged; the keys of those that did. */
function runAfterTheirEnd(log: string): string[] {
  const ended = new Set<string>();
  const wrong: string[] = [];
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [what, key = ''] = line.split(' ');
    if (what === 'ack') ended.add(key);
    else if (what === 'start' && ended.has(key)) wrong.push(key);
  }
  return wrong;
}

test(`a program that is killed ${KILLS} times runs nothing whose end was acknowledged, and ends with the right result (seed ${SEED})`, async () => {
  const next = chance(SEED);
  const whole = temporaryFolder();
  const expected = await life(join(whole, 'run.db'), join(whole, 'log'), Number.POSITIVE_INFINITY);
  expect(expected).toMatch(/^result \d+ 20$/);
  for (let kills = 0; kills < KILLS; ) {
    const folder = temporaryFolder();
    const [file, log] = [join(folder, 'run.db'), join(folder, 'log')];
    let result: string | undefined;
    while (result === undefined) {
      const lines = kills < KILLS ? 1 + next(TASKS) : Number.POSITIVE_INFINITY;
      result = await life(file, log, lines);
      if (result === undefined) kills += 1;
    }
    expect(result).toBe(expected);
    expect(runAfterTheirEnd(log)).toEqual([]);
  }
});
