/**
 * The folder on disk. A file is written under a temporary name, synced, and then linked to its final name, which fails if that
 * exists: exclusive, atomic and complete, on local and network file systems.
 *
 * Every file-system error other than "exists" and "does not exist" becomes `FolderUnavailable`.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { type FileHandle, link, lstat, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, SchedulerError } from '../core/failures.js';
import type { FolderPort } from './ports.js';

/** Maximum size of an entry apart from the result. */
const HEADER_BYTES = 2 ** 20;

/**
 * Opens a folder, and creates it if necessary.
 *
 * @throws SchedulerError `FolderUnavailable` if it cannot be created or is read-only.
 * @internal
 */
export function diskFolder(path: string, participant: string, maxBytes: number): FolderPort {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw unavailable(path, cause);
  }
  return new DiskFolder(path, participant, maxBytes + HEADER_BYTES);
}

class DiskFolder implements FolderPort {
  readonly #path: string;
  readonly #participant: string;
  readonly #maxFileBytes: number;
  #created = 0;

  constructor(path: string, participant: string, maxFileBytes: number) {
    this.#path = path;
    this.#participant = participant;
    this.#maxFileBytes = maxFileBytes;
  }

  async create(name: string, content: Uint8Array): Promise<boolean> {
    this.#created += 1;
    const temporary = this.#at(`temp-${this.#participant}-${this.#created}`);
    try {
      try {
        await writeThrough(temporary, content);
        if (!(await linked(temporary, this.#at(name)))) return false;
      } finally {
        await rm(temporary, { force: true });
      }
      await syncFolder(this.#path);
      return true;
    } catch (cause) {
      throw unavailable(this.#path, cause);
    }
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    let file: FileHandle;
    try {
      file = await open(this.#at(name), 'r');
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'ENOENT' && !(await isLink(this.#at(name)))) return undefined;
      if (code === 'ENOENT' || code === 'ELOOP') throw notAFile(name, 'a link to nothing');
      throw unavailable(this.#path, cause);
    }
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw notAFile(name, 'a folder');
      const { size } = status;
      if (size > this.#maxFileBytes) throw tooLarge(name, size, this.#maxFileBytes);
      return await file.readFile();
    } catch (cause) {
      throw cause instanceof SchedulerError ? cause : unavailable(this.#path, cause);
    } finally {
      await file.close();
    }
  }

  async overwrite(name: string, content: Uint8Array): Promise<void> {
    try {
      await writeFile(this.#at(name), content);
    } catch (cause) {
      throw unavailable(this.#path, cause);
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await rm(this.#at(name), { force: true });
    } catch (cause) {
      throw unavailable(this.#path, cause);
    }
  }

  #at(name: string): string {
    return join(this.#path, name);
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

async function writeThrough(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Syncs the new name to disk, on systems that can open a folder. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(path, 'r');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EISDIR' || code === 'EPERM' || code === 'EACCES') return;
    throw error;
  }
  try {
    await folder.sync();
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EPERM') throw error;
  } finally {
    await folder.close();
  }
}

function unavailable(path: string, cause: unknown): SchedulerError {
  const code = codeOf(cause);
  const message = `the shared folder ${path} cannot be used${code === '' ? '' : ` (${code})`}: ${describe(cause)}`;
  return new SchedulerError('FolderUnavailable', message, { cause });
}

function notAFile(name: string, what: string): SchedulerError {
  return new SchedulerError('FolderCorrupt', `the file ${name} of the shared folder is ${what}, expected a file`);
}

function tooLarge(name: string, size: number, maxBytes: number): SchedulerError {
  return new SchedulerError(
    'FolderCorrupt',
    `the file ${name} of the shared folder has ${size} bytes, expected at most ${maxBytes}`,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
