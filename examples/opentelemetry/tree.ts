/** Prints the spans of a trace as a viewer shows them: as a tree, and in time. */
import type { OtlpSpan } from './receiver.js';

interface Placed {
  readonly span: OtlpSpan;
  readonly depth: number;
}

/** The spans with their depth, each below its parent, the earliest first. */
function placed(spans: readonly OtlpSpan[]): readonly Placed[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));
  const isBelow = ({ parentSpanId = '' }: OtlpSpan, parent: OtlpSpan | undefined): boolean =>
    parent === undefined ? !known.has(parentSpanId) : parentSpanId === parent.spanId;
  const below = (parent: OtlpSpan | undefined, depth: number): Placed[] =>
    byStart.filter((span) => isBelow(span, parent)).flatMap((span) => [{ span, depth }, ...below(span, depth + 1)]);
  return below(undefined, 0);
}

/** One line for each span, indented below its parent: its name, how it ended, and how many spans it is linked to. */
export function treeOf(spans: readonly OtlpSpan[]): readonly string[] {
  return placed(spans).map(({ span, depth }) => `${'  '.repeat(depth)}${span.name}  ${endOf(span)}`.trimEnd());
}

/** As `treeOf`, with a bar of the span's time in `columns` columns for the whole trace, in place of its end. */
export function waterfallOf(spans: readonly OtlpSpan[], columns: number): readonly string[] {
  const lines = placed(spans);
  const starts = spans.map(({ startTimeUnixNano }) => Number(startTimeUnixNano));
  const from = Math.min(...starts);
  const perNano = columns / (Math.max(...spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano))) - from);
  const names = lines.map(({ span, depth }) => '  '.repeat(depth) + span.name);
  const width = Math.max(...names.map(({ length }) => length)) + 2;
  return lines.map(({ span }, index) => {
    const begin = Math.min(columns - 1, Math.floor((Number(span.startTimeUnixNano) - from) * perNano));
    const end = Math.max(begin + 1, Math.round((Number(span.endTimeUnixNano) - from) * perNano));
    return `${(names[index] ?? '').padEnd(width)}${' '.repeat(begin)}${'█'.repeat(end - begin)}`;
  });
}

function endOf(span: OtlpSpan): string {
  const attribute = (key: string): string | number | undefined => {
    const { stringValue, intValue } = span.attributes?.find((each) => each.key === key)?.value ?? {};
    return stringValue ?? intValue;
  };
  const { links = [] } = span;
  const outcome = attribute('pullgraph.attempt.outcome') ?? attribute('pullgraph.task.outcome');
  const told = [outcome, attribute('error.type'), links.length === 0 ? undefined : `links: ${links.length}`];
  return told.filter((each) => each !== undefined).join(', ');
}
