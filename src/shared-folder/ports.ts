/**
 * What shared work asks of the outside: a folder that several participants see, and a clock of one's own. Everything else
 * in this layer is written against these two, so that the protocol can be tried in memory with any order of its steps.
 */

/**
 * A folder of files, flat. Every call may reject with a `SchedulerError` `FolderUnavailable`; whether what was asked for has
 * been done is then not known, and the caller may ask again.
 *
 * @internal
 */
export interface FolderPort {
  /**
   * Creates the file with its whole content in one step: nobody ever sees a part of it. False when there is a file of that
   * name, which is left as it is.
   */
  create(name: string, content: Uint8Array): Promise<boolean>;
  /** The whole content; undefined when there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Puts `content` in place of what was there. Readers may see a part of it. */
  overwrite(name: string, content: Uint8Array): Promise<void>;
  /** Removes the file if it is there. */
  remove(name: string): Promise<void>;
  /** Calls `onChange` when something in the folder may have changed, as far as the file system tells. Returns what ends it. */
  watch(onChange: () => void): () => void;
}

/**
 * A clock that nobody sets, and timers on it. Clocks of two participants have nothing to do with each other.
 *
 * @internal
 */
export interface ClockPort {
  /** Milliseconds since some moment. */
  nowMs(): number;
  /** Calls `callback` once, after `delayMs`. Returns what calls it off. A timer that is not `vital` keeps no process alive. */
  after(delayMs: number, isVital: boolean, callback: () => void): () => void;
}
