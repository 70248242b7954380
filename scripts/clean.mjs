/** Removes what the build wrote, so that no file of an earlier source is packed or run. */
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
