/**
 * Blobs as files of a folder that all machines see. A file is written under a temporary name and renamed, so that under its own name it is
 * whole or not there; after a crash of the file server the reader's check tells. Its lifetime counts from its time of modification, so
 * the machines' clocks may differ by a small part of a lifetime.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptionNames } from '../../core/option-names.js';
import { MAX_TIMER_MS } from '../../core/timers.js';
import { integerOption } from '../../executors/remote/option-values.js';
import { wallClockMs } from '../../system/environment.js';
import { type Blobs, DEFAULT_LIFETIME_MS } from './blobs.js';

/**
 * The options of `folderBlobs`.
 *
 * @public
 */
export interface FolderBlobsOptions {
  /** A blob that nobody has renewed for so long is removed by the next program that uses the folder; by default a day. */
  readonly lifetimeMs?: number;
}

const NAMES = { lifetimeMs: true } satisfies Record<keyof FolderBlobsOptions, true>;

/**
 * Large values in the folder `path`, on a file system that the scheduler and all workers share. The folder is made when it is first used
 * and is for blobs alone: old files in it are removed.
 *
 * @throws SchedulerError `InvalidOption`.
 * @public
 */
export function folderBlobs(path: string, options: FolderBlobsOptions = {}): Blobs {
  checkOptionNames('folderBlobs', options, NAMES);
  const { lifetimeMs = DEFAULT_LIFETIME_MS } = options;
  return new FolderBlobs(path, integerOption('folderBlobs', 'lifetimeMs', lifetimeMs, 1, MAX_TIMER_MS));
}

/** A file of a blob, or one that was to become it. Nothing else is touched. */
const OURS = /^[\w-]{66}(\.[\w-]+\.new)?$/;

class FolderBlobs implements Blobs {
  readonly name = 'folder';
  readonly lifetimeMs: number;
  readonly #path: string;
  #opening: Promise<void> | undefined;

  constructor(path: string, lifetimeMs: number) {
    this.#path = path;
    this.lifetimeMs = lifetimeMs;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#open();
    const path = join(this.#path, name);
    const temporary = `${path}.${randomUUID()}.new`;
    try {
      await writeFile(temporary, bytes, { flag: 'wx' });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return whereThere(readFile(join(this.#path, name)));
  }

  async renew(names: readonly string[]): Promise<void> {
    const now = new Date(wallClockMs());
    for (const name of names) await whereThere(utimes(join(this.#path, name), now, now));
    await this.#sweep();
  }

  async delete(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.#path, name), { force: true });
  }

  async clear(beginning: string): Promise<void> {
    const names = (await whereThere(readdir(this.#path))) ?? [];
    await this.delete(names.filter((name) => name.startsWith(beginning)));
  }

  /** Once; again if it has failed. */
  #open(): Promise<void> {
    this.#opening ??= mkdir(this.#path, { recursive: true })
      .then(() => this.#sweep())
      .catch((error: unknown) => {
        this.#opening = undefined;
        throw error;
      });
    return this.#opening;
  }

  async #sweep(): Promise<void> {
    const oldest = wallClockMs() - this.lifetimeMs;
    for (const name of (await whereThere(readdir(this.#path))) ?? []) {
      if (!OURS.test(name)) continue;
      const path = join(this.#path, name);
      const status = await whereThere(stat(path));
      if (status !== undefined && status.mtimeMs < oldest) await rm(path, { force: true });
    }
  }
}

/** Undefined for what does not exist. */
async function whereThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
