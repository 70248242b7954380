/** Progress per queue: bars on a terminal, and a line at every quarter where there is none. */
import cliProgress from 'cli-progress';

export interface Progress {
  /** One more task of the queue is done. */
  advance(queue: string): void;
  /** No more is to come; leaves what was shown and gives the terminal back. */
  finish(): void;
}

/** Shows progress on `output` under `title`, given how many tasks each queue is going to run. */
export function showProgress(
  title: string,
  totals: Readonly<Record<string, number>>,
  output: NodeJS.WriteStream = process.stdout,
): Progress {
  return output.isTTY ? showBars(title, totals, output) : writeLines(title, totals, output);
}

function showBars(title: string, totals: Readonly<Record<string, number>>, output: NodeJS.WriteStream): Progress {
  output.write(`${title}\n`);
  const bars = new cliProgress.MultiBar(
    { stream: output, format: '  {queue} {bar} {value}/{total}', hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  const barOf = new Map(
    Object.entries(totals).map(([queue, total]) => [queue, bars.create(total, 0, { queue: queue.padEnd(8) })]),
  );
  return {
    advance: (queue) => barOf.get(queue)?.increment(),
    finish: () => bars.stop(),
  };
}

function writeLines(title: string, totals: Readonly<Record<string, number>>, output: NodeJS.WriteStream): Progress {
  const doneOf = new Map<string, number>();
  return {
    advance(queue) {
      const total = totals[queue] ?? 0;
      const done = (doneOf.get(queue) ?? 0) + 1;
      doneOf.set(queue, done);
      if (Math.floor((4 * done) / total) > Math.floor((4 * (done - 1)) / total)) {
        output.write(`${title}: ${queue} ${done}/${total}\n`);
      }
    },
    finish() {},
  };
}
