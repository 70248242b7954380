/**
 * Runs programs as tasks. A function writes a series of CO2 concentrations to one file per year; gzip compresses each file,
 * and another command computes a checksum of the unpacked bytes. One search runs over all years and delivers its matches line
 * by line; a year without a match is no failure, because exit code 1 of grep is declared acceptable.
 */
import { CommandFailed, Scheduler } from 'pullgraph';
import { processes } from 'pullgraph/executors';
import { readSeries } from '../data/vega-series.js';

const YEARS = ['1960', '1970', '1980', '1990'];

/** The months of a year as lines of text. */
function monthsOf(year: string): string {
  const { dates, values } = readSeries('co2-concentration.csv', 'CO2');
  return dates
    .flatMap((date, index) => (date.startsWith(year) ? [`${date} ${values[index]?.toFixed(2)}\n`] : []))
    .join('');
}

await using scheduler = new Scheduler();
const texts = scheduler.queue('texts');
const programs = scheduler.queue('programs', { concurrency: 2, executor: processes() });

const packed = YEARS.map((year) => {
  const months = texts.submit(monthsOf, year);
  const gzip = programs.run({ id: `gzip-${year}` }, 'gzip', ['-9', '-c'], { stdin: months });
  // Pipes of a shell script run as one task; its first argument is a result of another.
  const length = programs.run('wc', ['-c'], { stdin: months });
  const check = programs.run('printf "%s: %s bytes, " "$1" "$2"; gzip -dc | cksum', [year, length], {
    shell: true,
    stdin: gzip,
  });
  const direct = programs.run('cksum', [], { stdin: months });
  return { year, gzip, check, direct };
});
const all = texts.submit(
  (parts: readonly string[]) => parts.join(''),
  YEARS.map((year) => texts.submit(monthsOf, year)),
);
const warm = programs.lines('grep', ['-E', ' 35[0-9]\\.'], { stdin: all, okExitCodes: [0, 1] });
const none = programs.run('grep', [' 999'], { stdin: all, okExitCodes: [0, 1] });
const refused = programs.run({ id: 'refused' }, 'gzip', ['--no-such-option']);

scheduler.start();
for (const { year, gzip, check, direct } of packed) {
  const unpacked = (await check.result()).stdout.trim();
  const isSame = unpacked.endsWith((await direct.result()).stdout.trim());
  console.log(`${year}: packed and unpacked, ${isSame ? 'the same' : 'not the same'} text`);
  if ((await gzip.result()).stdoutBytes.length === 0) console.log('an empty file');
}
let matches = 0;
for await (const line of warm) {
  if (matches === 0) console.log(`the first month above 350 ppm among them: ${line}`);
  matches += 1;
}
console.log(`such months: ${matches}; above 999 ppm: exit code ${(await none.result()).exitCode}`);
const outcome = await refused.settled();
if (outcome.status === 'failed' && outcome.error instanceof CommandFailed) {
  console.log(
    `refused: exit code ${outcome.error.exitCode}, ${outcome.error.stderr.includes('option') ? 'with' : 'without'} a reason`,
  );
}
await scheduler.wait();
