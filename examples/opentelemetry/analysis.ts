/** What the threads compute. */
import { taskContext } from 'pullgraph';

/** The mean of a series, and the trace that the function belongs to, as it would be sent along with a request. */
export function summarise(values: Float64Array): { readonly mean: number; readonly traceparent: string | undefined } {
  const traceparent = taskContext().trace?.['traceparent'];
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, traceparent };
}
