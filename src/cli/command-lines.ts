/** The commands of a batch: the lines of a file, or a template filled in with the values of sources. Read only as they are needed. */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { CommandTemplate } from './command-template.js';
import { openInput, type RecordEnd, records } from './records.js';

/** A command and its number, starting at 1. @internal */
export interface CommandLine {
  readonly seq: number;
  readonly text: string;
  /** What the template was filled in with; the line itself without one. */
  readonly values: readonly string[];
}

/**
 * Where the values of a template come from: the command line, or the records of a file (`-` is standard input). A linked source gives
 * its values side by side with those of the source before it, and the shorter of the two decides how many there are.
 *
 * @internal
 */
export type Source = ({ readonly values: readonly string[] } | { readonly file: string }) & {
  readonly isLinked?: boolean;
};

/** Values, one of each source. */
type Row = readonly string[];

/** What is to be run. @internal */
export interface Commands {
  /** Without it, the first source gives the commands themselves. */
  readonly template: CommandTemplate | undefined;
  /** At least one. */
  readonly sources: readonly Source[];
  readonly ends: RecordEnd;
  /** Whether nothing is run where all values are blank. */
  readonly skipsBlank?: boolean;
}

/** The commands of a batch, with all files open that they come from. @internal */
export class CommandInput {
  readonly #template: CommandTemplate | undefined;
  readonly #first: Source;
  readonly #input: Readable | undefined;
  /** What is linked to the first source. */
  readonly #beside: readonly Row[] | undefined;
  readonly #others: readonly (readonly Row[])[];
  readonly #ends: RecordEnd;
  readonly #skipsBlank: boolean;

  private constructor(
    { template, ends, skipsBlank = false }: Commands,
    first: Source,
    input: Readable | undefined,
    [beside, ...others]: readonly [Row[] | undefined, ...Row[][]],
  ) {
    this.#template = template;
    this.#first = first;
    this.#input = input;
    this.#beside = beside;
    this.#others = others;
    this.#ends = ends;
    this.#skipsBlank = skipsBlank || template === undefined;
  }

  /** Opens the first source and reads the others. Rejects if one cannot be read. */
  static async open(commands: Commands): Promise<CommandInput> {
    const [first = { file: '-' }, ...rest] = commands.sources;
    const input = 'file' in first ? await openInput(first.file) : undefined;
    const groups: [Row[] | undefined, ...Row[][]] = [undefined];
    for (const source of rest) {
      const all = await allOf(source, commands.ends);
      const rows = all.map((value) => [value]);
      if (source.isLinked !== true) groups.push(rows);
      else groups.push(linked(groups.pop(), rows));
    }
    return new CommandInput(commands, first, input, groups);
  }

  /**
   * The commands, in the order of the first source; for each of its values, in the order of the second, and so on. Blank lines that
   * would be commands are skipped and not counted. Ends early when `signal` aborts. Throws what `records` throws.
   */
  async *lines(signal: AbortSignal): AsyncGenerator<CommandLine> {
    let seq = 0;
    const firsts =
      this.#input === undefined ? valuesOf(this.#first, this.#ends) : records(this.#input, this.#ends, signal);
    for await (const values of this.#rows(firsts)) {
      if (signal.aborted) return;
      seq += 1;
      yield { seq, text: this.#template?.filled(values, seq) ?? values.join(' '), values };
    }
  }

  async *#rows(firsts: AsyncIterable<string>): AsyncGenerator<Row> {
    let index = 0;
    for await (const first of firsts) {
      const beside = this.#beside === undefined ? [] : this.#beside[index];
      if (beside === undefined) return;
      index += 1;
      for (const others of combinations(this.#others)) {
        const row = [first, ...beside, ...others];
        if (!this.#skipsBlank || row.some((value) => value.trim() !== '')) yield row;
      }
    }
  }

  /** How many commands there are; undefined if that is known only when all have been read. */
  async count(): Promise<number | undefined> {
    const source = this.#first;
    if ('file' in source && (source.file === '-' || !(await stat(source.file)).isFile())) return undefined;
    let count = 0;
    const rows = this.#rows(valuesOf(source, this.#ends));
    try {
      while ((await rows.next()).done !== true) count += 1;
    } catch {
      // Whoever runs the commands comes to that place too, and reports it.
    }
    return count;
  }

  close(): void {
    this.#input?.destroy();
  }
}

async function* valuesOf(source: Source, ends: RecordEnd): AsyncGenerator<string> {
  if ('values' in source) yield* source.values;
  else yield* records(await openInput(source.file), ends);
}

async function allOf(source: Source, ends: RecordEnd): Promise<string[]> {
  const all: string[] = [];
  for await (const value of valuesOf(source, ends)) all.push(value);
  return all;
}

/** Side by side; as many as the shorter has. */
function linked(rows: readonly Row[] | undefined, more: readonly Row[]): Row[] {
  if (rows === undefined) return [...more];
  return more.slice(0, rows.length).map((row, index) => [...(rows[index] ?? []), ...row]);
}

/** One of each list, the last varying fastest. */
function* combinations([first, ...rest]: readonly (readonly Row[])[]): Generator<Row> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (const row of first) for (const others of combinations(rest)) yield [...row, ...others];
}
