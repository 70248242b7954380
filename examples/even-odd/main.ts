/**
 * Acquires six even and six odd numbers on a queue of one slot and adds up every pair of them on another queue.
 * All acquisitions are submitted before the pairs, yet the first sum is there after two of them: the queue acquires what
 * the newest pair needs, then what the next pair lacks.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Scheduler } from 'pullgraph';

/** Time that one acquisition takes. */
const ACQUISITION_MS = 15;

async function acquireNumber(value: number): Promise<number> {
  await wait(ACQUISITION_MS);
  return value;
}

function add(even: number, odd: number): number {
  return even + odd;
}

await using scheduler = new Scheduler();
const acquire = scheduler.queue('acquire', { concurrency: 1 });
const compute = scheduler.queue('compute', { concurrency: 2 });

const places = [0, 1, 2, 3, 4, 5];
const evens = places.map((i) => acquire.submit({ id: `even${i}` }, acquireNumber, 2 * i));
const odds = places.map((j) => acquire.submit({ id: `odd${j}` }, acquireNumber, 2 * j + 1));
const pairs = evens.flatMap((even, i) => odds.map((odd, j) => compute.submit({ id: `pair${i}-${j}` }, add, even, odd)));

const starts: string[] = [];
scheduler.on('task', ({ id, state }) => {
  if (state === 'running') starts.push(id);
});
scheduler.start();

let acquiredAtFirstSum = 0;
const sums: string[] = [];
for await (const pair of scheduler.asCompleted(pairs)) {
  if (sums.length === 0) acquiredAtFirstSum = [...evens, ...odds].filter(({ state }) => state === 'done').length;
  sums.push(`${pair.id}=${await pair.result()}`);
}

console.log(`started: ${starts.join(' ')}`);
console.log(`sums: ${sums.join(' ')}`);
console.log(
  `acquired when the first of ${sums.length} sums was there: ${acquiredAtFirstSum} of ${evens.length + odds.length}`,
);
