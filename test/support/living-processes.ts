/** Looks at real processes from outside: whether they live, and what they have written. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

// Generous, since the machine may be busy; who waits longer waits for what never comes.
const MOST_MS = 500_000;

/** Whether the process runs. One that has ended and waits to be noticed by who started it does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // Where there is no such folder the answer above is all there is; where there was one, the process has gone.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT' && process.platform === 'linux');
  }
}

/** Resolves when the process has ended. */
export function gone(pid: number): Promise<void> {
  return until(`the end of process ${pid}`, () => !isAlive(pid));
}

/** The text of the file, once it is there and ends with a line end. */
export async function written(path: string): Promise<string> {
  let text = '';
  await until(`a line in ${path}`, () => {
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      return false;
    }
    return text.endsWith('\n');
  });
  return text.trimEnd();
}

/** Resolves when the file has at least `count` lines. */
export function linesIn(path: string, count: number): Promise<void> {
  return until(`${count} lines in ${path}`, () => {
    try {
      return readFileSync(path, 'utf8').split('\n').length > count;
    } catch {
      return false;
    }
  });
}

/** Resolves when `holds` does. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + MOST_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await wait(5);
  }
}
