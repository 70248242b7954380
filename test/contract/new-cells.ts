/** Makes the cells that a test and its functions share; not part of what the functions load. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Cells, COUNT } from './fixtures/cells.js';

/** Counters for functions of this process. */
export function sharedMemory(): Cells {
  return new Int32Array(new SharedArrayBuffer(COUNT * Int32Array.BYTES_PER_ELEMENT));
}

/** Counters for functions of any process; they go with the test. */
export function inFile(): Cells {
  const file = join(temporaryFolder(), 'cells');
  writeFileSync(file, '');
  return { file };
}
