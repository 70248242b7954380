/**
 * The log of each task: a row of files numbered from 0, each created once and never changed. Where a task stands follows
 * from its log alone. Who wants to change that creates the next file, which exactly one can; so the result of an owner and
 * the claim of one that takes over from it are after the same file, and the slower of the two finds that it is too late.
 *
 * Invariant: an entry is appended only after the one before it has been read or written by the same participant, and none
 * after a final one.
 */
import { SchedulerError } from '../core/failures.js';
import { decodeEntry, encodeEntry, type Happening, type RecordedError } from './entry.js';
import { entryFileName } from './file-name.js';
import type { FolderPort } from './ports.js';

/** A log longer than this is no work in progress: somebody claims and releases without end. */
const MAX_ENTRIES = 10_000;

/**
 * Where a task stands. `slot` is the number of the next entry, `threw` how many times its function threw, `lost` how many
 * of its owners have been given up.
 *
 * @internal
 */
export type Standing =
  | { readonly kind: 'free'; readonly slot: number; readonly threw: number; readonly lost: number }
  | {
      readonly kind: 'claimed';
      readonly slot: number;
      readonly threw: number;
      readonly lost: number;
      readonly owner: string;
      readonly label: string;
    }
  | { readonly kind: 'done'; readonly body: Uint8Array }
  | { readonly kind: 'failed'; readonly error: RecordedError };

type Open = Extract<Standing, { slot: number }>;

const BEGINNING: Open = { kind: 'free', slot: 0, threw: 0, lost: 0 };

/**
 * The logs in one folder, as one participant reads and writes them.
 *
 * @internal
 */
export class TaskLog {
  readonly #folder: FolderPort;
  readonly #participant: string;
  #appended = 0;

  constructor(folder: FolderPort, participant: string) {
    this.#folder = folder;
    this.#participant = participant;
  }

  /** Where the task stands, by all entries there are. */
  async standing(id: string): Promise<Standing> {
    let standing: Standing = BEGINNING;
    while ('slot' in standing) {
      if (standing.slot >= MAX_ENTRIES) throw tooLong(id);
      const happening = await this.#read(id, standing.slot);
      if (happening === undefined) return standing;
      standing = after(standing, happening);
    }
    return standing;
  }

  /** A new entry, ready to be appended: once, or again when it is not known whether that worked. */
  entry(id: string, slot: number, happening: Happening): () => Promise<boolean> {
    this.#appended += 1;
    const token = `${this.#participant}-${this.#appended}`;
    const content = encodeEntry({ id, token, happening });
    const name = entryFileName(id, slot);
    return async () => {
      if (await this.#folder.create(name, content)) return true;
      // An earlier try of ours may have worked though it was answered with an error.
      const present = await this.#folder.read(name);
      return present !== undefined && decodeEntry(id, name, present).token === token;
    };
  }

  async #read(id: string, slot: number): Promise<Happening | undefined> {
    const name = entryFileName(id, slot);
    const content = await this.#folder.read(name);
    return content === undefined ? undefined : decodeEntry(id, name, content).happening;
  }
}

/** Where a task stands after one more thing has happened. */
function after(before: Open, happening: Happening): Standing {
  const slot = before.slot + 1;
  const { threw } = before;
  switch (happening.kind) {
    case 'claimed': {
      const { owner, label } = happening;
      return { kind: 'claimed', slot, threw, lost: before.lost + (before.kind === 'claimed' ? 1 : 0), owner, label };
    }
    case 'released':
      return { kind: 'free', slot, threw, lost: before.lost };
    case 'threw':
      return { kind: 'free', slot, threw: threw + 1, lost: before.lost };
    case 'done':
      return { kind: 'done', body: happening.body };
    case 'failed':
      return { kind: 'failed', error: happening.error };
    default:
      return happening satisfies never;
  }
}

function tooLong(id: string): SchedulerError {
  const message = `the log of task ${id} in the shared folder has more than ${MAX_ENTRIES} entries`;
  return new SchedulerError('FolderCorrupt', message, { tasks: [id] });
}
