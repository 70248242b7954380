/** A report of `check` in words, for a terminal or a failing test. */
import type { CheckReport } from './check.js';
import type { TraceEvent } from './trace.js';

/**
 * The report as lines of text: one for each invariant, with how often it was asked for, and below it what broke it. An invariant that was
 * never asked for is marked with `-`: the trace says nothing about it.
 *
 * @public
 */
export function reportText({ holds, events, invariants }: CheckReport): string {
  const lines = invariants.flatMap(({ name, sentence, checked, witness }) => {
    const mark = witness === undefined ? (checked === 0 ? '-' : '✓') : '✗';
    const line = `${mark} ${name.padEnd(16)}${String(checked).padStart(7)}  ${sentence}`;
    if (witness === undefined) return [line];
    return [
      line,
      `    at ${witness.at}: ${witness.message}`,
      ...witness.events.map((event) => `      ${eventText(event)}`),
    ];
  });
  const broken = invariants.filter(({ witness }) => witness !== undefined).length;
  const sum = holds ? 'every invariant holds' : `${broken} of ${invariants.length} invariants are broken`;
  return [...lines, `${events} events: ${sum}`].join('\n');
}

/** `3 start a attempt=1`. */
function eventText({ at, event, ...rest }: TraceEvent): string {
  const fields = Object.entries(rest).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return name === 'id' ? text : `${name}=${text}`;
  });
  return [at, event, ...fields].join(' ');
}
