/** Prints the spans of a trace as the tree that a viewer shows. */
import type { OtlpSpan } from './receiver.js';

/** One line for each span, indented below its parent, the earliest first. */
export function treeOf(spans: readonly OtlpSpan[]): readonly string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));
  const below = (parent: OtlpSpan | undefined, depth: number): string[] =>
    byStart
      .filter(({ parentSpanId = '' }) =>
        parent === undefined ? !known.has(parentSpanId) : parentSpanId === parent.spanId,
      )
      .flatMap((span) => [lineOf(span, depth), ...below(span, depth + 1)]);
  return below(undefined, 0);
}

function lineOf(span: OtlpSpan, depth: number): string {
  const attribute = (key: string): string | number | undefined => {
    const { stringValue, intValue } = span.attributes?.find((each) => each.key === key)?.value ?? {};
    return stringValue ?? intValue;
  };
  const outcome = attribute('pullgraph.attempt.outcome') ?? attribute('pullgraph.task.outcome');
  const told = [
    outcome,
    attribute('error.type'),
    span.links === undefined || span.links.length === 0 ? undefined : `links: ${span.links.length}`,
  ];
  return `${'  '.repeat(depth)}${span.name}  ${told.filter((each) => each !== undefined).join(', ')}`.trimEnd();
}
