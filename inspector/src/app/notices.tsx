/** What must not be overlooked: a lost connection, a stall, the past, the answer to a command. */
import { clock, sentence } from '../model/format.js';
import { counts, known, link, moment, notice } from './state.js';

export function Notices() {
  const { stall, hello } = known();
  const isLost = link.value === 'lost';
  return (
    <div class="notices" aria-live="polite">
      {isLost ? (
        <p class="notice bad">
          <b>Connection lost.</b> The page shows what it had and keeps trying to connect. Has the program ended?
        </p>
      ) : null}
      {link.value === 'crowded' ? (
        <p class="notice bad">
          <b>Too many pages.</b> The inspector serves no more pages at once: close another one. This page keeps trying.
        </p>
      ) : null}
      {link.value === 'other version' ? (
        <p class="notice bad">
          <b>Another version.</b> The inspector has been replaced by another version: reload the page.
        </p>
      ) : null}
      {hello !== undefined && stall !== undefined && (moment.value === null || moment.value >= stall.at) ? (
        <p class="notice warn">
          <b>Stalled since {clock(stall.at)}.</b> {sentence(stall.message)}
        </p>
      ) : null}
      {known().totals?.scheduler === 'stopped' &&
      moment.value === null &&
      counts.value.total.slice(0, 2).some((value) => value > 0) ? (
        <p class="notice">
          <b>The scheduler is stopped.</b> Nothing starts until scheduler.start() is called.
        </p>
      ) : null}
      {notice.value === '' ? null : (
        <p class="notice">
          {sentence(notice.value)}
          <button type="button" class="small" onClick={() => (notice.value = '')}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
