/**
 * The outputs of commands as files, where GNU parallel's `--results` has them: `DIR/1/VALUE/stdout` and beside it `stderr` and `seq`;
 * with two sources `DIR/1/VALUE/2/VALUE/stdout`, and so on.
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { CommandLine } from './command-lines.js';
import type { Output } from './job-output.js';

/** File systems allow names of 255 bytes. */
const MOST_NAME_BYTES = 240;

/** Writes the output of a command. Throws the file system's error. @internal */
export function writeResults(folder: string, { seq, values }: CommandLine, { stdout, stderr }: Output): void {
  const own = join(folder, ...values.flatMap((value, index) => [String(index + 1), nameOf(value)]));
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'seq'), String(seq));
  writeChunks(join(own, 'stdout'), stdout);
  writeChunks(join(own, 'stderr'), stderr);
}

/** A value as the name of a folder: never one above, never a path. A long one is cut and completed with a hash. */
function nameOf(value: string): string {
  const name = value
    .replaceAll('\\', '\\\\')
    .replaceAll('/', '\\_')
    .replaceAll('\0', '\\0')
    .replace(/^\.{0,2}$/, '\\$&');
  if (Buffer.byteLength(name) <= MOST_NAME_BYTES) return name;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 32);
  const kept = Buffer.from(name)
    .subarray(0, MOST_NAME_BYTES - hash.length - 1)
    .toString()
    .replace(/\u{FFFD}+$/u, '');
  return `${kept}~${hash}`;
}

function writeChunks(path: string, chunks: Iterable<Uint8Array>): void {
  const file = openSync(path, 'w');
  try {
    for (const chunk of chunks) for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
  } finally {
    closeSync(file);
  }
}
