/** Finds the file of a worker's program, which stands beside the module that starts it. */
import { existsSync } from 'node:fs';
import { SchedulerError } from '../../core/failures.js';

/**
 * The URL of the program `name` beside the module with the URL `base`, with the same extension: TypeScript in the source, JavaScript
 * in the build. `call` is the user's call, for the message.
 *
 * @throws SchedulerError `WorkerFileMissing` in a bundle, which has the module without the file.
 * @internal
 */
export function workerFile(call: string, name: string, base: string | undefined): URL {
  // A bundle of CommonJS modules has no `import.meta`.
  if (base !== undefined) {
    const url = new URL(base.endsWith('.ts') ? name.replace(/js$/, 'ts') : name, base);
    if (existsSync(url)) return url;
  }
  const message = `${call} has no file to start its workers with: pullgraph was bundled into this program`;
  const advice =
    'keep it out of the bundle (esbuild: --external:pullgraph; Vite: ssr.external or rolldownOptions.external)';
  throw new SchedulerError('WorkerFileMissing', `${message}; ${advice}`);
}
