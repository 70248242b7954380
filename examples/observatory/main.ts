/**
 * A night at a telescope: one slot, requests of different urgency, and failures. A newly reported burst evicts the running
 * survey, which starts again afterwards; an exposure spoilt by clouds is retried after a pause; when a target sets, its
 * calibration is cancelled with it, because nothing else needs it.
 */
import { outcomeKind, Scheduler, type SchedulerEvents, taskContext } from 'pullgraph';

const log: string[] = [];
const shutter = { opened: Promise.resolve(), open: (): void => undefined };
shutter.opened = new Promise((resolve) => {
  shutter.open = resolve;
});

/** Exposes for that long, unless the night has other plans. */
function expose(target: string, ms: number): Promise<string> {
  const { signal, attempt } = taskContext();
  log.push(`${target} ${attempt}`);
  shutter.open();
  return new Promise((resolve, reject) => {
    const exposure = setTimeout(() => resolve(`${target}.fits`), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(exposure);
      reject(signal.reason as Error);
    });
  });
}

let clouds = 2;
function exposeThroughClouds(target: string): string {
  const { attempt } = taskContext();
  log.push(`${target} ${attempt}`);
  if (clouds-- > 0) throw new Error('clouds');
  return `${target}.fits`;
}

function ended({ id, kind, attempt }: SchedulerEvents['settled']): void {
  console.log(`${id}: ${kind}${attempt < 2 ? '' : ` after ${attempt} attempts`}`);
}

await using scheduler = new Scheduler({ onSettled: ended });
const telescope = scheduler.queue('telescope', { concurrency: 1, preempt: true, timeoutMs: 60_000 });
const archive = scheduler.queue('archive');
const route = scheduler.route([
  { queue: telescope, accepts: ({ fn }) => fn === expose || fn === exposeThroughClouds },
  { queue: archive, accepts: () => true },
]);

const survey = route.submit({ id: 'survey' }, expose, 'M31', 200);
scheduler.start();
await shutter.opened;
// The survey is under way when the alert comes in.
const burst = route.submit({ id: 'burst', priority: 9 }, expose, 'GRB', 5);
const notice = route.submit({ id: 'notice', priority: 9 }, (image: string) => `circular about ${image}`, burst);
console.log(await notice.result());

const faint = route.submit(
  { id: 'faint', priority: 1, retry: { attempts: 5, backoffMs: 1, jitter: 0.5 } },
  exposeThroughClouds,
  'Pluto',
);
const stuck = route.submit({ id: 'stuck', priority: -1, timeoutMs: 20 }, expose, 'Vega', 1_000_000);
const flat = route.submit({ id: 'flat', priority: -2 }, expose, 'dome', 5);
const setting = route.submit({ id: 'setting', priority: -2 }, (image: string) => image, flat);
setting.cancel({ reason: 'the target has set', orphans: true });

await faint.result();
await survey.result();
console.log(`stuck is ${outcomeKind(await stuck.settled())}`);
await scheduler.wait();
console.log(`exposures: ${log.join(', ')}`);
