/** What lies in a folder. */
import { readdirSync } from 'node:fs';

/** The names in it that begin with `prefix`, in order. */
export function namesIn(path: string, prefix = ''): string[] {
  return readdirSync(path)
    .filter((name) => name.startsWith(prefix))
    .sort();
}
