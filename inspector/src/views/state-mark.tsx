/** A state as a shape and a word, so that nobody has to tell it by its colour. */
import { STATES } from '../../../src/inspect/protocol/frames.js';
import type { State } from '../../../src/inspect/protocol/messages.js';
import { count } from '../model/format.js';

/** One shape per state, within a square of 12. */
const SHAPES: Readonly<Record<State, string>> = {
  pending: 'M6 1.8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4M6 3.6a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 1 1 0-4.8',
  ready: 'M2.5 1.2L10.8 6L2.5 10.8ZM4.3 4.2V7.8L7.4 6Z',
  running: 'M2.5 1.2L10.8 6L2.5 10.8Z',
  partial: 'M1.2 2.2h9.6v7.6h-9.6zM6.2 3.8v4.4h3v-4.4z',
  done: 'M1.2 6.4L3 4.6L5 6.6L9.4 2L11 3.6L5 9.8Z',
  failed: 'M6 .8L11.6 10.8H.4ZM5.3 4.2L5.5 7.4H6.5L6.7 4.2ZM5.4 8.2V9.5H6.6V8.2Z',
  cancelled: 'M2.6 1.4L6 4.8L9.4 1.4L10.6 2.6L7.2 6L10.6 9.4L9.4 10.6L6 7.2L2.6 10.6L1.4 9.4L4.8 6L1.4 2.6Z',
};

export function StateShape({ state }: { readonly state: State }) {
  return (
    <svg class={`shape s-${state}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={SHAPES[state]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}

export function StateMark({ state }: { readonly state: State }) {
  return (
    <span class="state">
      <StateShape state={state} />
      {state}
    </span>
  );
}

/** A bar in parts as long as the counts; the numbers stand beside it in words, so it is hidden from readers. */
export function StateBar({ counts }: { readonly counts: readonly number[] }) {
  const total = counts.reduce((sum, value) => sum + value, 0);
  // Settled first: the bar fills from the left.
  const parts = (['done', 'failed', 'cancelled', 'partial', 'running', 'ready', 'pending'] as const).map((state) => ({
    state,
    share: total === 0 ? 0 : (counts[STATES.indexOf(state)] ?? 0) / total,
  }));
  return (
    <span class="bar" aria-hidden="true">
      {parts.map(({ state, share }) =>
        share === 0 ? null : (
          <span key={state} class={`b-${state}`} style={{ width: `${Math.max(0.4, share * 100)}%` }} />
        ),
      )}
    </span>
  );
}

/** All states with their counts. */
export function StateLegend({ counts }: { readonly counts: readonly number[] }) {
  return (
    <ul class="legend">
      {STATES.map((state, index) => (
        <li key={state} class={(counts[index] ?? 0) === 0 ? 'zero' : ''}>
          <StateMark state={state} /> <b data-count={state}>{count(counts[index] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}
