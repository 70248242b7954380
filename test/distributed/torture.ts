/**
 * Schedulers with stores, workers and Redis, each a process that is killed again and again. What is killed and when is drawn by a seed:
 * after the n-th settled task, never after a time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Chance, chance } from '../../src/testing/random.js';
import type { RedisServer } from './redis-server.js';

export interface Torture {
  readonly seed: number;
  readonly schedulers: number;
  readonly workers: number;
  /** Each scheduler has some three times as many tasks. */
  readonly width: number;
  readonly kills: Readonly<Record<Victim, number>>;
}

type Victim = 'worker' | 'redis' | 'scheduler';

export interface Tortured {
  /** The result of each scheduler, and what it is without torture. */
  readonly results: readonly (string | undefined)[];
  readonly expected: readonly (string | undefined)[];
  readonly kills: Readonly<Record<Victim, number>>;
  readonly tasks: number;
  /** Tasks that were said to have settled more than once. */
  readonly settledTwice: readonly string[];
  /** How often functions began. */
  readonly began: number;
}

const SCHEDULER = program('torture-scheduler.js');
const WORKER = program('torture-worker.js');

function program(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** Slots of a worker process in torture-worker.js. */
export const SLOTS = 2;

/** Runs it all. `cleared` resolves when no job is left in Redis. */
export async function torture(
  { seed, schedulers, workers, width, kills }: Torture,
  server: RedisServer,
  folder: string,
  cleared: () => Promise<void>,
): Promise<Tortured> {
  const names = Array.from({ length: schedulers }, (_, n) => `s${n}`);
  const log = join(folder, 'log');
  const expected: (string | undefined)[] = [];
  const all = new Set<string>();
  for (const name of names) {
    const whole = new SchedulerProcess([name, `${width}`, '', ''], (id) => all.add(id));
    expected.push(await whole.result);
  }
  const left = drawn(chance(seed, 'torture'), kills, all.size);
  const draw = chance(seed, 'victims');
  const killed = { worker: 0, redis: 0, scheduler: 0 };
  const settled: string[] = [];
  const disturbing: Promise<void>[] = [];
  let restarting = Promise.resolve();
  const staff: Promise<ChildProcess>[] = Array.from({ length: workers }, () => startWorkerProcess(server.url));
  await Promise.all(staff);

  const replaced = (worker: ChildProcess): Promise<ChildProcess> => {
    worker.kill('SIGKILL');
    return startWorkerProcess(server.url);
  };
  const disturb = async (victim: Victim): Promise<void> => {
    if (victim === 'worker') {
      // Its successor may be the next one's victim, once it is ready.
      const [doomed] = staff.splice(draw.below(staff.length), 1);
      staff.push((doomed ?? Promise.reject(new Error('expected a worker'))).then(replaced));
      await staff.at(-1);
    } else if (victim === 'redis') {
      restarting = restarting.then(() => server.kill()).then(() => server.start());
      await restarting;
    } else {
      const running = masters.filter(({ isRunning }) => isRunning);
      if (running.length === 0) return;
      await running[draw.below(running.length)]?.killAndStart();
    }
    killed[victim] += 1;
  };
  const tally = (id: string): void => {
    settled.push(id);
    while (left[0] !== undefined && settled.length >= left[0].after) {
      const { victim } = left[0];
      left.shift();
      disturbing.push(disturb(victim));
    }
  };
  const masters = names.map(
    (name) => new SchedulerProcess([name, `${width}`, join(folder, `${name}.db`), log, server.url], tally),
  );
  const results = await Promise.all(masters.map(({ result }) => result));
  await Promise.all(disturbing);
  // What killed schedulers left is cleared away by the workers.
  await cleared();
  await Promise.all(staff.map(async (worker) => endOf(await worker)));
  return {
    results,
    expected,
    kills: killed,
    tasks: all.size,
    settledTwice: settled.filter((id, index) => settled.indexOf(id) !== index),
    began: existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0,
  };
}

/** When what is killed: at that many settled tasks, all within the first four fifths of them. */
function drawn(draw: Chance, kills: Torture['kills'], tasks: number): { after: number; victim: Victim }[] {
  const victims = (Object.keys(kills) as Victim[]).flatMap((victim) => Array<Victim>(kills[victim]).fill(victim));
  return victims
    .map((victim) => ({ victim, after: 1 + draw.below(Math.trunc(tasks * 0.8)) }))
    .toSorted((a, b) => a.after - b.after);
}

async function startWorkerProcess(url: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [WORKER, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.add(child);
  if (child.stdout === null) throw new Error('expected a pipe');
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

async function endOf(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const started = new Set<ChildProcess>();

/** Ends what a torture that has failed left running. */
export function endAll(): void {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
}

/** A scheduler's program over all its lives. */
class SchedulerProcess {
  /** The line of its result. Rejects if it ends without one by itself. */
  readonly result: Promise<string | undefined>;
  isRunning = true;
  readonly #args: readonly string[];
  readonly #settled: (id: string) => void;
  #child: ChildProcess | undefined;
  #killing: Promise<unknown> | undefined;

  constructor(args: readonly string[], settled: (id: string) => void) {
    this.#args = args;
    this.#settled = settled;
    this.result = this.#live();
  }

  /** Resolves when it has died; its next life begins at once. */
  async killAndStart(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    this.#killing = once(child, 'exit');
    child.kill('SIGKILL');
    await this.#killing;
  }

  async #live(): Promise<string | undefined> {
    for (;;) {
      const child = spawn(process.execPath, [SCHEDULER, ...this.#args], { stdio: ['ignore', 'pipe', 'pipe'] });
      started.add(child);
      this.#child = child;
      this.#killing = undefined;
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
      if (child.stdout === null) throw new Error('expected a pipe');
      const closed = once(child, 'close');
      let result: string | undefined;
      for await (const line of createInterface({ input: child.stdout })) {
        const [what, id = ''] = line.split(' ');
        if (what === 'settled') this.#settled(id);
        else if (what === 'result') result = line;
      }
      const [code, signal] = (await closed) as [number | null, string | null];
      if (code === 0) {
        this.isRunning = false;
        return result;
      }
      if (signal !== 'SIGKILL') {
        this.isRunning = false;
        throw new Error(`a scheduler ended with ${code ?? signal}: ${said}`);
      }
    }
  }
}
