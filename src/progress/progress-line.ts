/**
 * The text of a progress line: as much as fits the width, the most important first.
 *
 * Invariant: the line is no wider than it may be, and holds no control characters, whatever the ids of tasks are.
 */

import type { Format } from 'cli-progress';

/** How a run fares. Times are in seconds. @internal */
export interface ProgressView {
  readonly settled: number;
  /** Settled or not; undefined while that is not known. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly cancelled: number;
  readonly running: number;
  /** What runs, the longest-running first. */
  readonly names: readonly string[];
  readonly elapsedS: number;
  /** How long the rest will take; undefined where only the share of what has settled says something. */
  readonly leftS?: number | undefined;
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

/** Bars and times as cli-progress writes them. @internal */
export function lineFormat(format: typeof Format): LineFormat {
  return {
    bar: (share, barsize) => {
      const characters = { barCompleteString: '='.repeat(barsize), barIncompleteString: '-'.repeat(barsize) };
      return format.BarFormat(Math.min(1, share), { ...characters, barsize, barGlue: '' });
    },
    time: (seconds) => format.TimeFormat(Math.round(seconds), { autopaddingChar: ' ' }, 1).trim(),
  };
}

/** The line for that many columns. @internal */
export function progressLine(view: ProgressView, columns: number, { bar, time }: LineFormat): string {
  const { settled, total, failed, cancelled, running, elapsedS, leftS } = view;
  const left = total === undefined ? 0 : total - settled;
  const etaS = settled > 0 && left > 0 ? (leftS ?? (elapsedS / settled) * left) : undefined;
  const parts = [
    total === undefined ? `${settled} ended` : `${settled}/${total}`,
    failed > 0 ? `${failed} failed` : '',
    running > 0 ? `${running} running` : '',
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
  if (total !== undefined && barWidth >= LEAST_BAR)
    line = `[${bar(total === 0 ? 0 : settled / total, barWidth)}] ${line}`;
  const room = columns - line.length - SEPARATOR.length;
  const names = room < LEAST_NAME ? '' : cut(view.names.map(printable).join(', '), room);
  return names === '' ? line : line + SEPARATOR + names;
}

/** Without what would move the cursor, colour the terminal or begin a line. */
function printable(name: string): string {
  return name.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
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
