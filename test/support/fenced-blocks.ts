/**
 * Reads the fenced code blocks of a Markdown page. Knows fences only: backticks or tildes, three or more, indented as
 * far as the list around them; an unclosed fence is an error, because it swallows the rest of the page.
 */

/** One fenced block, in the order of the page. */
export interface FencedBlock {
  /** Path of the page, as given. */
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** First word of the info string; empty when there is none. */
  readonly language: string;
  /** The words after it. */
  readonly marks: readonly string[];
  /** The lines between the fences, freed of the fence's indentation, each ended by a newline. */
  readonly code: string;
}

const FENCE = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$/;

/** The blocks of `text`. Throws an `Error` naming the line of a fence that is never closed. */
export function fencedBlocks(page: string, text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { line: number; indent: number; fence: string; info: string; code: string[] } | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, indent = '', fence = '', info = ''] = FENCE.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== '') open = { line: index + 1, indent: indent.length, fence, info: info.trim(), code: [] };
    } else if (fence.startsWith(open.fence) && info.trim() === '') {
      const [language = '', ...marks] = open.info.split(/\s+/);
      blocks.push({ page, line: open.line, language, marks, code: open.code.map((row) => `${row}\n`).join('') });
      open = undefined;
    } else {
      const blank = /^[ \t]*/.exec(line)?.[0].length ?? 0;
      open.code.push(line.slice(Math.min(blank, open.indent)));
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: this block is never closed`);
  return blocks;
}
