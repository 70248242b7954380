/** Folders that go with their test. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty folder, removed when the test has ended. */
export function temporaryFolder(): string {
  return folderIn(tmpdir());
}

/** The same, in which a module finds the package by its own name. */
export function temporaryFolderInside(): string {
  mkdirSync('.cache', { recursive: true });
  return folderIn('.cache');
}

function folderIn(parent: string): string {
  const folder = mkdtempSync(join(parent, 'pullgraph-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
