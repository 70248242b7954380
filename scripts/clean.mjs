import { rmSync } from 'node:fs';

/** Removes what the build wrote, so that no file of an earlier source is packed or run. */
export function clean() {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
}
