/** The command-line options of the example; the defaults are the full job. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface Settings {
  /** How many matrices are acquired; the number of products is its square. */
  readonly matrices: number;
  /** Rows, and columns, of each matrix. */
  readonly order: number;
  /** How long the instrument takes for one matrix. */
  readonly acquisitionMs: number;
  /** Slots of the compute queue. */
  readonly threads: number;
  /** Whether to show the run in a browser. */
  readonly inspect: boolean;
  /** Where to send the trace of the run in demand order, by OTLP over HTTP. */
  readonly otlp: string | undefined;
}

/** Reads `--matrices --order --acquisition-ms --threads`, each a positive integer, `--inspect`, and `--otlp`, a URL. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      matrices: { type: 'string', default: '100' },
      order: { type: 'string', default: '100' },
      'acquisition-ms': { type: 'string', default: '40' },
      threads: { type: 'string', default: String(availableParallelism()) },
      inspect: { type: 'boolean', default: false },
      otlp: { type: 'string' },
    },
  });
  return {
    matrices: positiveInteger('--matrices', values.matrices),
    order: positiveInteger('--order', values.order),
    acquisitionMs: positiveInteger('--acquisition-ms', values['acquisition-ms']),
    threads: positiveInteger('--threads', values.threads),
    inspect: values.inspect,
    otlp: values.otlp,
  };
}

function positiveInteger(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${option} takes a positive integer, got ${text}`);
  return value;
}
