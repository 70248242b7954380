/** A folder of its own for one test, gone when the test is over. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of a new folder. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'pullgraph-shared-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The names in a folder that begin with `prefix`, in order. */
export function namesIn(path: string, prefix = ''): string[] {
  return readdirSync(path)
    .filter((name) => name.startsWith(prefix))
    .sort();
}
