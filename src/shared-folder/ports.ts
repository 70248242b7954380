/** The folder as a port, so that tests can run the protocol in memory with its steps in any order. */

/**
 * A flat folder of files. Every call may reject with a `SchedulerError` `FolderUnavailable`; it may or may not have taken effect then,
 * and can be repeated.
 *
 * @internal
 */
export interface FolderPort {
  /** Creates the file atomically: readers never see partial content. False if it already exists; then it is unchanged. */
  create(name: string, content: Uint8Array): Promise<boolean>;
  /** The whole content; undefined if the file does not exist. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces the content. Readers may see a part of it. */
  overwrite(name: string, content: Uint8Array): Promise<void>;
  /** Removes the file if it exists. */
  remove(name: string): Promise<void>;
}
