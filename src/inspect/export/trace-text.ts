/** A trace as text: the JSON object format of the Trace Event Format, in pieces. */
import { leftOutWords, TraceEncoder, type TraceEvent } from './trace-events.js';
import type { LeftOut, TracePeriod, TraceRecording, TraceRow, TraceSample, TraceSink } from './trace-row.js';

/** A piece is about this long, so that few writes are made and little is held. */
const PIECE_LENGTH = 65_536;

const BEGINNING = '{"displayTimeUnit":"ms","traceEvents":[';

/**
 * The text of a trace file, in pieces of about 64 KB: `await writeFile('trace.json', traceText(recording))`. See `traceEvents` for what
 * is in it; `otherData.leftOut` counts what is not.
 *
 * @public
 */
export function* traceText(recording: TraceRecording): Generator<string> {
  const pieces: string[] = [];
  const writer = new TraceWriter(recording.originMs, (piece) => pieces.push(piece));
  for (const period of recording.periods) writer.period(period);
  for (const row of recording.rows) {
    writer.row(row);
    yield* pieces.splice(0);
  }
  for (const sample of recording.samples) {
    writer.sample(sample);
    yield* pieces.splice(0);
  }
  writer.end(recording.leftOut);
  yield* pieces;
}

/** Writes the text of a trace as it is recorded, by `write`. @internal */
export class TraceWriter implements TraceSink {
  readonly #encoder: TraceEncoder;
  readonly #write: (piece: string) => void;
  #piece = BEGINNING;
  #isFirst = true;
  #partials = 0;

  constructor(originMs: number, write: (piece: string) => void) {
    this.#encoder = new TraceEncoder(originMs);
    this.#write = write;
  }

  row(row: TraceRow): void {
    this.#add(this.#encoder.row(row));
  }

  period(period: TracePeriod): void {
    this.#add(this.#encoder.period(period));
  }

  sample(sample: TraceSample): void {
    this.#add(this.#encoder.sample(sample));
  }

  partialsLeftOut(count: number): void {
    this.#partials += count;
  }

  /** Writes the rest; `recorded` is what the recording lacks, where there was one. */
  end(recorded: LeftOut = { attempts: 0, partials: this.#partials, samples: 0, dependencies: 0 }): void {
    this.#add(this.#encoder.end(recorded));
    const leftOut = this.#encoder.leftOut(recorded);
    const words = leftOutWords(leftOut);
    const other = { leftOut, ...(words === undefined ? {} : { note: `left out: ${words}` }) };
    this.#write(`${this.#piece}\n],"otherData":${JSON.stringify(other)}}\n`);
    this.#piece = '';
  }

  #add(events: Iterable<TraceEvent>): void {
    for (const event of events) {
      this.#piece += `${this.#isFirst ? '\n' : ',\n'}${JSON.stringify(event)}`;
      this.#isFirst = false;
    }
    if (this.#piece.length < PIECE_LENGTH) return;
    this.#write(this.#piece);
    this.#piece = '';
  }
}
