/** The benchmark's tables, as aligned text for the terminal and as Markdown for bench/results.md. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { pairedRatio, type Samples, type Spread, spreadOf } from './measure.js';

/**
 * One table. Every row has as many cells as there are columns.
 *
 * @internal
 */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table, such as the contestants left out and the reasons. */
  readonly notes: readonly string[];
}

/** Shown where nothing was measured. @internal */
export const ABSENT = '–';

/** Two decimals below 10, one below 100, none above. @internal */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return ABSENT;
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** The smallest and the largest. @internal */
export function range(spread: Spread): string {
  return `${figure(spread.min)} … ${figure(spread.max)}`;
}

/** The cells of a line: its label, median and range. @internal */
export function spreadLine(what: string, figures: readonly number[]): string[] {
  const spread = spreadOf(figures);
  return [what, figure(spread.median), range(spread)];
}

/**
 * Interleaved samples, and the ratio of `subject` to each of them.
 *
 * @internal
 */
export function ratioTable(title: string, unit: string, samples: Samples, subject: string): Table {
  const repetitions = Math.max(0, ...[...samples.values()].map((figures) => figures.length));
  return {
    title,
    columns: ['', unit, 'min … max', `${subject} / this`],
    rows: [...samples].map(([name, figures]) => {
      const spread = spreadOf(figures);
      return [name, figure(spread.median), range(spread), figure(pairedRatio(samples, subject, name).spread.median)];
    }),
    notes: [`Medians of ${repetitions} interleaved runs; ratios are medians of paired runs.`],
  };
}

/** @internal */
export function asText(table: Table): string {
  const lines = [table.columns, ...table.rows];
  const widths = table.columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const aligned = lines.map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '));
  return [table.title, ...aligned.map((line) => `  ${line}`), ...table.notes.map((note) => `  ${note}`)].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** With its title as a heading. @internal */
export function asMarkdown(table: Table): string {
  return `## ${table.title}\n\n${asMarkdownTable(table)}`;
}

/** Without its title. @internal */
export function asMarkdownTable({ columns, rows, notes }: Table): string {
  const rule = columns.map((_, column) => (column === 0 ? '---' : '--:'));
  const lines = [columns, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...lines, ...notes.flatMap((note) => ['', note])].join('\n');
}

/**
 * The conditions of the figures in one line: processors, Node and the versions of the compared libraries.
 *
 * @internal
 */
export function machine(libraries: readonly string[]): string {
  const versions = libraries.map((name) => `${name} ${versionOf(name)}`);
  return `${availableParallelism()} CPUs, Node ${process.versions.node}, ${versions.join(', ')}.`;
}

function versionOf(library: string): string {
  const manifest = new URL(`../node_modules/${library}/package.json`, import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return known ? String(parsed.version) : 'unknown';
}
