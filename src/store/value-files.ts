/**
 * Values too large for the database, as files beside it, each named by its content. A file is written under a temporary name, synced and
 * renamed, so that under its own name it is whole or not there.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { StoredValue } from './backing.js';
import { digestOf } from '../system/digest.js';

/** A value of more bytes lies in a file of its own. @internal */
export const MOST_BYTES_IN_ROW = 2 ** 20;

/** The files of one store. @internal */
export class ValueFiles {
  readonly #folder: string;
  #isMade = false;

  /** `path` is that of the database. */
  constructor(path: string) {
    this.#folder = `${path}-values`;
  }

  /** Writes the file unless it is there and whole. */
  write({ bytes, sum }: StoredValue): void {
    this.#make();
    const path = join(this.#folder, sum);
    if (existsSync(path) && statSync(path).size === bytes.length && digestOf(readFileSync(path)) === sum) return;
    const temporary = `${path}.new`;
    const file = openSync(temporary, 'w');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    this.#syncFolder();
  }

  /** Undefined if there is no such file. The caller checks the content. */
  read(sum: string): Uint8Array | undefined {
    const path = join(this.#folder, sum);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** Removes the files that `isNeeded` does not name. Returns how many bytes that frees. */
  sweep(isNeeded: (sum: string) => boolean): number {
    if (!existsSync(this.#folder)) return 0;
    let freed = 0;
    for (const name of readdirSync(this.#folder)) {
      if (isNeeded(name)) continue;
      const path = join(this.#folder, name);
      freed += statSync(path).size;
      rmSync(path);
    }
    return freed;
  }

  /** Brings the new name to the disk. */
  #syncFolder(): void {
    if (process.platform === 'win32') return;
    const folder = openSync(this.#folder, 'r');
    try {
      fsyncSync(folder);
    } catch {
      // Some file systems cannot sync folders, as SQLite puts up with too.
    } finally {
      closeSync(folder);
    }
  }

  #make(): void {
    if (this.#isMade) return;
    mkdirSync(this.#folder, { recursive: true });
    this.#isMade = true;
  }
}
