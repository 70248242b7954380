/** The version of the package, for whoever asks: `--version`, and the inspector's page. */
import { readFileSync } from 'node:fs';

/** Read from package.json, above the source or above dist/; `unknown` where there is none. @internal */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // Try the other place.
    }
  }
  return 'unknown';
}
