/**
 * Finds hot days in four years of weather without a list of all days: work is generated on the way. A list of periods on disk is
 * reloaded whenever there is room; it starts with the years. The result of a year adds its months to the list, the result of a
 * warm month adds its days directly. Only a few periods are under way at any time.
 */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scheduler } from 'pullgraph';
import { readSeries } from '../data/vega-series.js';

/** A day is hot from this maximum temperature, in °C. */
const HOT = 33;

/** How many periods are examined at the same time, and how many more are taken from the list. */
const SIDE_BY_SIDE = 2;
const AHEAD = 2;

const { dates, values } = readSeries('seattle-weather.csv', 'temp_max');

/** A year, a month or a day: the prefix of its dates. */
type Period = string;

async function highestIn(period: Period): Promise<number> {
  // As if it had to be fetched.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return Math.max(...[...values].filter((_, day) => dates[day]?.startsWith(period)));
}

/** The periods of the given length, such as `2012-01`, within `period`. */
function within(period: Period, length: number): Period[] {
  return [...new Set(dates.filter((date) => date.startsWith(period)).map((date) => date.slice(0, length)))];
}

const folder = await mkdtemp(join(tmpdir(), 'pullgraph-generated-work-'));
try {
  const list = join(folder, 'periods.txt');
  await writeFile(list, `${within('', 4).join('\n')}\n`);
  await findHotDays(list);
} finally {
  await rm(folder, { recursive: true });
}

async function findHotDays(list: string): Promise<void> {
  await using scheduler = new Scheduler();
  const queue = scheduler.queue('weather', { concurrency: SIDE_BY_SIDE, bound: 1 });
  scheduler.start();

  const lookedAt = { years: 0, months: 0, days: 0 };
  const hotDays: string[] = [];
  let loaded = 0;
  let listed = 0;
  let most = 0;
  const loadMore = async ({ room, underWay }: { room: number; underWay: number }): Promise<Period[]> => {
    loaded += 1;
    most = Math.max(most, underWay);
    const lines = (await readFile(list, 'utf8')).trimEnd().split('\n');
    const more = lines.slice(listed, listed + room);
    listed += more.length;
    return more;
  };

  const feed = queue.from(loadMore, highestIn, {
    ahead: AHEAD,
    async onResult(highest, period, _, add) {
      if (period.length === '2012'.length) {
        lookedAt.years += 1;
        await appendFile(list, `${within(period, '2012-01'.length).join('\n')}\n`);
      } else if (period.length === '2012-01'.length) {
        lookedAt.months += 1;
        if (highest >= HOT) add(within(period, '2012-01-01'.length));
      } else {
        lookedAt.days += 1;
        if (highest >= HOT) hotDays.push(period);
      }
    },
  });
  const { count } = await feed.done();

  const { years, months, days } = lookedAt;
  console.log(`looked at: ${years} years, ${months} months, ${days} of ${dates.length} days, ${count} periods in all`);
  console.log(`hot days: ${hotDays.toSorted().join(' ')}`);
  console.log(`under way at most: ${most} of ${SIDE_BY_SIDE + AHEAD}`);
  console.log(`the list was loaded more than once: ${loaded > 1}`);
}
