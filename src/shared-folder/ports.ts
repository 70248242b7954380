/**
 * What shared work asks of the outside besides a clock: a folder that several participants see. Everything else in this
 * layer is written against these two, so that the protocol can be tried in memory with any order of its steps.
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
}
