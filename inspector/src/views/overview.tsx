/** How far everything is: the totals, each queue and function, use over time, failures by cause. */
import type { LeftTotals } from '../../../src/inspect/protocol/messages.js';
import { counts, known, moment, runTimes, shownAt } from '../app/state.js';
import { exactFrom, sumOf } from '../model/counts.js';
import { clock, count, duration, many, percent, rate } from '../model/format.js';
import { timeLeft, type TimeLeft, windowSeconds } from '../model/run-times.js';
import { DONE } from '../model/rows.js';
import { Charts } from './charts.js';
import { EmptyPage } from './empty-page.js';
import { Failures } from './failures.js';
import { ProgressTable } from './progress-table.js';
import { StateBar, StateLegend } from './state-mark.js';

export function Overview() {
  const { total } = counts.value;
  const all = total.reduce((sum, value) => sum + value, 0);
  if (all === 0) return <EmptyPage />;
  const settled = total.slice(DONE).reduce((sum, value) => sum + value, 0);
  const lately = [...runTimes.value.values()].reduce((sum, times) => sum + times.settledLately, 0);
  const left = timeLeft(known(), counts.value, runTimes.value, shownAt.value);
  // The scheduler knows its graph and what earlier runs took, but only of the present.
  const estimated = moment.value === null ? known().totals?.left : undefined;
  return (
    <div class="stack">
      <h1 class="hidden">Overview</h1>
      <section class="panel" aria-label="All tasks">
        <div class="figures">
          <Figure label="Settled" value={percent(settled, all)} more={`${count(settled)} of ${many(all, 'task')}`} />
          <Figure
            label="Speed"
            value={rate(lately / windowSeconds(shownAt.value))}
            more="settled, over the last 10 s"
          />
          <Figure label="Time left" {...(estimated === undefined ? leftInWords(left) : estimateInWords(estimated))} />
          <Figure label="Recorded" value={duration((shownAt.value - 1) / 10)} more="since the recording began" />
        </div>
        <StateBar counts={total} />
        <StateLegend counts={sumOf([total])} />
        <Lacks />
      </section>
      <ProgressTable />
      <Failures />
      <Charts />
    </div>
  );
}

function Figure({ label, value, more }: { readonly label: string; readonly value: string; readonly more: string }) {
  return (
    <div class="figure">
      <div class="label">{label}</div>
      <div class="value">{value}</div>
      <div class="more">{more}</div>
    </div>
  );
}

function leftInWords(left: TimeLeft): { readonly value: string; readonly more: string } {
  if (left.kind === 'nothing') return { value: 'nothing', more: 'everything has settled' };
  if (left.kind === 'unknown') return { value: 'unknown', more: 'none of these functions has run yet' };
  const [low, high] = [duration(left.lowMs), duration(left.highMs)];
  const more =
    left.unknownTasks === 0
      ? 'if nothing is added'
      : `without ${many(left.unknownTasks, 'task')} of functions that have not run yet`;
  return { value: low === high ? `about ${low}` : `${low} to ${high}`, more };
}

function estimateInWords(left: LeftTotals): { readonly value: string; readonly more: string } {
  const range = { kind: 'range', lowMs: left.leastMs, highMs: left.mostMs, unknownTasks: 0 } as const;
  const guess = left.unknown === 0 ? '' : `; ${many(left.unknown, 'task')} of a kind that no run has timed`;
  return { value: leftInWords(range).value, more: `the longest way: ${left.path.join(' → ')}${guess}` };
}

/** What the page lacks, in words; nothing when it lacks nothing. */
function Lacks() {
  const { missing, hello, rows } = known();
  const lacks: string[] = [];
  const settledBefore = hello?.settledBefore ?? 0;
  if (settledBefore > 0)
    lacks.push(`${many(settledBefore, 'task')} had settled before the recording began and are not counted`);
  const from = exactFrom(known());
  if (missing.rows > 0 || rows.replaced > 0) {
    lacks.push(
      `${many(Math.max(missing.rows, rows.replaced), 'old row')} made room: they are in these totals, but not in the other views; counts of moments before ${clock(from)} are incomplete`,
    );
  }
  if (missing.partials > 0) lacks.push(`${many(missing.partials, 'partial result')} not kept`);
  if (missing.ticks > 0)
    lacks.push(`${many(missing.ticks, 'update')} skipped because this page was slow; nothing is lost by it`);
  return lacks.length === 0 ? null : <p class="lacks">Not shown: {lacks.join('; ')}.</p>;
}
