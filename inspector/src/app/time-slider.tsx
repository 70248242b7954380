/** Steps the whole page back to any moment that the recording still has; at its right end it follows the present. */
import { clock, msOf } from '../model/format.js';
import { moment, now, known } from './state.js';

const STEPS = 1000;

export function TimeSlider() {
  const last = now.value;
  const at = moment.value ?? last;
  const isLive = moment.value === null;
  const move = (value: number): void => {
    moment.value = value >= STEPS ? null : Math.max(1, Math.round(1 + ((last - 1) * value) / STEPS));
  };
  const wall = new Date((known().hello?.epochMs ?? 0) + msOf(at)).toLocaleTimeString('en-GB');
  return (
    <footer class={isLive ? 'slider' : 'slider past'}>
      <button
        type="button"
        class={isLive ? 'live is-live' : 'live'}
        aria-pressed={isLive}
        onClick={() => (moment.value = isLive ? last : null)}
      >
        {isLive ? 'Live' : 'Back to live'}
      </button>
      <input
        type="range"
        min={0}
        max={STEPS}
        step={1}
        value={isLive ? STEPS : Math.min(STEPS - 1, Math.round(((at - 1) / Math.max(1, last - 1)) * STEPS))}
        aria-label="The moment that the page shows"
        aria-valuetext={isLive ? `live, ${clock(at)}` : clock(at)}
        onInput={({ currentTarget }) => move(Number(currentTarget.value))}
      />
      <output>
        {clock(at)}
        <span class="muted"> {wall}</span>
      </output>
    </footer>
  );
}
