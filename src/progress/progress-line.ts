/**
 * The text of a progress line: as much as fits the width, the most important first.
 *
 * Invariant: the line is no wider than it may be, and holds no control characters, whatever the ids of tasks are.
 */

/** How a run fares. Times are in seconds. @internal */
export interface ProgressView {
  readonly settled: number;
  /** Settled or not, as far as known. */
  readonly total: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly running: number;
  /** What runs, the longest-running first. */
  readonly names: readonly string[];
  readonly elapsedS: number;
}

/** How bar and times are written. @internal */
export interface LineFormat {
  readonly bar: (share: number, width: number) => string;
  readonly time: (seconds: number) => string;
}

const MOST_BAR = 30;
const LEAST_BAR = 8;
const LEAST_NAME = 6;
const SEPARATOR = ' | ';

/** The line for that many columns. @internal */
export function progressLine(view: ProgressView, columns: number, { bar, time }: LineFormat): string {
  const { settled, total, failed, cancelled, running, elapsedS } = view;
  const etaS = settled > 0 && settled < total ? (elapsedS / settled) * (total - settled) : undefined;
  const parts = [
    `${settled}/${total}`,
    failed > 0 ? `${failed} failed` : '',
    `${running} running`,
    time(elapsedS),
    etaS === undefined ? '' : `ETA ${time(etaS)}`,
    cancelled > 0 ? `${cancelled} cancelled` : '',
  ].filter((part) => part !== '');
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : line + SEPARATOR + part;
    if (longer.length > columns) break;
    line = longer;
  }
  // Room for the brackets of the bar and a blank.
  const barWidth = Math.min(MOST_BAR, columns - line.length - 3);
  if (barWidth >= LEAST_BAR) line = `[${bar(total === 0 ? 0 : settled / total, barWidth)}] ${line}`;
  const room = columns - line.length - SEPARATOR.length;
  const names = room < LEAST_NAME ? '' : cut(view.names.map(printable).join(', '), room);
  return names === '' ? line : line + SEPARATOR + names;
}

/** Without what a terminal would take for a command. */
function printable(name: string): string {
  return name.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}

/** The beginning of the text, at most that wide. Characters beyond Latin may be twice as wide as others. */
function cut(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += character > '\u{2FF}' ? 2 : 1;
    if (width > columns - 1) return `${kept}…`;
    kept += character;
  }
  return kept;
}
