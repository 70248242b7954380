/** What an exploration has found, in words and as a picture. */
import type { Exploration, ExploredViolation } from './explore.js';

/**
 * The result of an exploration as lines of text: its figures, and the trace to a violation if there is one. Inputs are numbered; below
 * each stands what it leads to.
 *
 * @public
 */
export function tellExploration({
  granularity,
  states,
  transitions,
  depth,
  isComplete,
  violation,
}: Exploration): string {
  const figures = `${count(states, 'state')}, ${count(transitions, 'transition')}, at most ${count(depth, 'step')} deep (${granularity})`;
  if (violation === undefined) {
    const end = isComplete
      ? 'every invariant holds in every state'
      : 'given up: there are more states than may be visited';
    return `${figures}\n${end}\n`;
  }
  const { invariant, sentence, what } = violation;
  return [figures, `violated: ${invariant}: ${sentence}`, `instead: ${what}`, ...linesOf(violation), ''].join('\n');
}

/**
 * The trace to a violation as a Mermaid sequence diagram.
 *
 * @public
 */
export function drawViolation({ trace, what }: ExploredViolation): string {
  const names = [...new Set(['outside', 'scheduler', ...trace.flatMap(({ from, to }) => [from, to])])];
  const keyOf = (name: string): string => `p${names.indexOf(name)}`;
  return [
    'sequenceDiagram',
    ...names.map((name) => `  ${name === 'outside' ? 'actor' : 'participant'} ${keyOf(name)} as ${plain(name)}`),
    ...trace.map(({ from, to, text }) => `  ${keyOf(from)}->>${keyOf(to)}: ${plain(text)}`),
    `  Note over ${keyOf('scheduler')}: ${plain(what)}`,
    '',
  ].join('\n');
}

function linesOf({ trace }: ExploredViolation): readonly string[] {
  let inputs = 0;
  return trace.map(({ from, to, text, isInput }) => {
    if (isInput) inputs += 1;
    return isInput ? `${String(inputs).padStart(3)}. ${to}: ${text}` : `       ${from} to ${to}: ${text}`;
  });
}

/** What ends a line or a statement in Mermaid has no place in a text. */
function plain(text: string): string {
  return text.replaceAll(/[;#\r\n]/g, ' ');
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
