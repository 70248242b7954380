/**
 * Run as a process of its own: feeds a queue from a source of as many items as the argument says, keeps no results, and tells
 * by how much the heap has grown between an early and a late stage, and how many items were ever under way.
 */
import { Scheduler } from '../../src/index.js';

const items = Number(process.argv[2]);
const collectGarbage = globalThis.gc;
if (collectGarbage === undefined) throw new Error('expected to be run with --expose-gc');

let taken = 0;
let handed = 0;
let mostUnderWay = 0;
let early = 0;

function* source(): Generator<number> {
  for (; taken < items; ) {
    taken += 1;
    mostUnderWay = Math.max(mostUnderWay, taken - handed);
    yield taken;
  }
}

function heapBytes(): number {
  collectGarbage?.();
  return process.memoryUsage().heapUsed;
}

const scheduler = new Scheduler();
const queue = scheduler.queue('q', { concurrency: 8, bound: 4 });
scheduler.start();
const feed = queue.from(source(), (n) => ({ n, ballast: [n, n] }), {
  onResult() {
    handed += 1;
    if (handed === Math.floor(items / 10)) early = heapBytes();
  },
  collect: false,
});
const { count } = await feed.done();
process.stdout.write(JSON.stringify({ count, handed, mostUnderWay, grownBytes: heapBytes() - early }));
await scheduler.close();
