/** What a file has of the durations of one kind, checked. What is damaged counts as not known: it only makes estimates worse. */
import * as v from 'valibot';
import type { KnownKind } from '../core/durations.js';

const Positive = v.pipe(v.number(), v.finite(), v.minValue(0));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Stats = v.object({
  count: Count,
  meanMs: Positive,
  squares: Positive,
  lastMs: v.array(Positive),
  failures: Count,
  waits: Count,
  meanWaitMs: Positive,
});

/** Undefined for what is none. @internal */
export function knownKind(name: unknown, text: unknown): KnownKind | undefined {
  if (typeof name !== 'string' || typeof text !== 'string') return undefined;
  try {
    const read = v.safeParse(Stats, JSON.parse(text));
    return read.success ? [name, read.output] : undefined;
  } catch {
    return undefined;
  }
}
