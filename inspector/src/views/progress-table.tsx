/** One line per queue, and under it one per function: how many of its tasks are in each state, how fast, how long yet. */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import type { QueueUse } from '../../../src/inspect/protocol/messages.js';
import { canControl, counts, known, moment, runTimes, selected, shownAt } from '../app/state.js';
import { confirmThen } from '../app/confirm.js';
import { command } from '../app/connection.js';
import { type Group, sumOf } from '../model/counts.js';
import { count, duration, rate } from '../model/format.js';
import { groupKey, slotsTakenAt, windowSeconds } from '../model/run-times.js';
import { StateBar, StateShape } from './state-mark.js';

export function ProgressTable() {
  const { groups } = counts.value;
  const uses = known().totals?.queues ?? [];
  const taken = moment.value === null ? undefined : slotsTakenAt(known().rows, moment.value);
  return (
    <section class="panel" aria-labelledby="progress">
      <h2 id="progress">Queues and their functions</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Progress by queue and function">
        <table class="progress">
          <thead>
            <tr>
              <th scope="col">Queue or function</th>
              <th scope="col" class="wide">
                Progress
              </th>
              {STATES.map((state) => (
                <th key={state} scope="col" class="number">
                  <span class="state">
                    <StateShape state={state} />
                    {state}
                  </span>
                </th>
              ))}
              <th scope="col" class="number">
                Slots in use
              </th>
              <th scope="col" class="number">
                Mean run
              </th>
              <th scope="col" class="number">
                Mean wait
              </th>
              <th scope="col" class="number">
                Settled
              </th>
            </tr>
          </thead>
          {uses.map((use) => {
            const own = groups.filter(
              ({ queue, counts: list }) => queue === use.queue && list.some((value) => value > 0),
            );
            return (
              <tbody key={use.queue}>
                <QueueLine
                  use={use}
                  groups={own}
                  taken={taken === undefined ? use.slotsTaken : (taken[use.queue] ?? 0)}
                />
                {own.map((group) => (
                  <FunctionLine key={group.fn} group={group} />
                ))}
              </tbody>
            );
          })}
        </table>
      </div>
    </section>
  );
}

function QueueLine({
  use,
  groups,
  taken,
}: {
  readonly use: QueueUse;
  readonly groups: Group[];
  readonly taken: number;
}) {
  const list = sumOf(groups.map((group) => group.counts));
  const name = known().queueName(use.queue);
  const lately = groups.reduce(
    (sum, { queue, fn }) => sum + (runTimes.value.get(groupKey(queue, fn))?.settledLately ?? 0),
    0,
  );
  return (
    <tr class="queue" data-queue={name}>
      <th scope="row">
        <button type="button" class="link" onClick={() => (selected.value = { kind: 'queue', queue: use.queue })}>
          {name}
        </button>
        {use.isPaused && moment.value === null ? <span class="tag">paused</span> : null}
        {canControl.value ? <PauseButton queue={use.queue} name={name} isPaused={use.isPaused} /> : null}
      </th>
      <td>
        <StateBar counts={list} />
      </td>
      <CountCells list={list} />
      <td class="number">
        {count(taken)} of {use.slots === null ? 'any number' : count(use.slots)}
      </td>
      <td />
      <td />
      <td class="number">{rate(lately / windowSeconds(shownAt.value))}</td>
    </tr>
  );
}

function FunctionLine({ group }: { readonly group: Group }) {
  const times = runTimes.value.get(groupKey(group.queue, group.fn));
  const mean = (sum: number | undefined): string =>
    times === undefined || times.ran === 0 ? '–' : duration((sum ?? 0) / times.ran);
  return (
    <tr data-function={known().functionName(group.fn)}>
      <th scope="row" class="inner">
        {known().functionName(group.fn)}
      </th>
      <td>
        <StateBar counts={group.counts} />
      </td>
      <CountCells list={group.counts} />
      <td />
      <td class="number">{mean(times?.ranMs)}</td>
      <td class="number">{mean(times?.waitedMs)}</td>
      <td class="number">{rate((times?.settledLately ?? 0) / windowSeconds(shownAt.value))}</td>
    </tr>
  );
}

function CountCells({ list }: { readonly list: readonly number[] }) {
  return (
    <>
      {STATES.map((state, index) => {
        const value = list[index] ?? 0;
        return (
          <td key={state} data-state={state} class={value === 0 ? 'number zero' : 'number'}>
            {count(value)}
          </td>
        );
      })}
    </>
  );
}

function PauseButton(props: { readonly queue: number; readonly name: string; readonly isPaused: boolean }) {
  const { queue, name, isPaused } = props;
  const word = isPaused ? 'Resume' : 'Pause';
  const act = () =>
    confirmThen(
      `${word} the queue ${name}?`,
      isPaused ? 'Its tasks may start again.' : 'What runs goes on; nothing new starts.',
      word,
      () => command({ name: isPaused ? 'resume' : 'pause', queue }),
    );
  return (
    <button type="button" class="small" aria-label={`${word} ${name}`} onClick={act}>
      {word}
    </button>
  );
}
