/**
 * The log of each task: files numbered from 0, each created once and never changed. The state of a task follows from its log alone. To
 * change it, a participant creates the next file, and only one can; an owner's result and a successor's claim compete for the same
 * file, so the slower of the two knows that it is too late.
 *
 * Invariant: a participant appends an entry only after it has read or written the one before, nothing after `done`, and after `failed`
 * only `retried`.
 */
import { SchedulerError } from '../core/failures.js';
import { decodeEntry, encodeEntry, type Happening, type RecordedError } from './entry.js';
import { entryFileName } from './file-name.js';
import type { FolderPort } from './ports.js';

/** A longer log means that a participant claims and releases in a loop. */
const MAX_ENTRIES = 10_000;

/**
 * The state of a task. `slot` is the number of the next entry, `threw` how many times its function threw, `lost` how many owners were
 * taken for dead.
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
  | { readonly kind: 'failed'; readonly slot: number; readonly error: RecordedError };

/** The state of a task that has not ended. @internal */
export type Open = Extract<Standing, { lost: number }>;

const BEGINNING: Open = { kind: 'free', slot: 0, threw: 0, lost: 0 };

/**
 * Reads and writes the logs of one folder for one participant.
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

  /** The state of the task after all its entries. */
  async standing(id: string): Promise<Standing> {
    let standing: Standing = BEGINNING;
    while ('slot' in standing) {
      if (standing.slot >= MAX_ENTRIES) throw tooLong(id);
      const happening: Happening | undefined = await this.#read(id, standing.slot);
      if (happening === undefined) return standing;
      standing = after(standing, happening);
    }
    return standing;
  }

  /** Prepares an entry. The returned function appends it, and can be repeated if it is unknown whether that succeeded. */
  entry(id: string, slot: number, happening: Happening): () => Promise<boolean> {
    this.#appended += 1;
    const token = `${this.#participant}-${this.#appended}`;
    const content = encodeEntry({ id, token, happening });
    const name = entryFileName(id, slot);
    return async () => {
      if (await this.#folder.create(name, content)) return true;
      // An earlier try may have succeeded although it was answered with an error.
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

/** The state after one more event. */
function after(before: Extract<Standing, { slot: number }>, happening: Happening): Standing {
  const slot = before.slot + 1;
  if (happening.kind === 'retried') return { kind: 'free', slot, threw: 0, lost: 0 };
  // Nobody appends anything else: it does not count.
  if (before.kind === 'failed') return { ...before, slot };
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
      return { kind: 'failed', slot, error: happening.error };
  }
}

function tooLong(id: string): SchedulerError {
  const message = `the log of task ${id} in the shared folder has more than ${MAX_ENTRIES} entries`;
  return new SchedulerError('FolderCorrupt', message, { tasks: [id] });
}
